"""The desk follows what others do: over a stream, and by polling without one."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from playwright.sync_api import expect
from wagtail.models import GroupPagePermission

from tests.browser.desk import Desk
from tests.servers import Gunicorn, Uvicorn, wait_until
from wagtail_live import posts
from wagtail_live.models import DeskPresence


def record(window, name):
    """Record the requests of a desk to one of its URLs."""
    requests = []
    is_asked = re.compile(rf"/{name}/(\?|$)").search
    window.on("request", lambda r: is_asked(r.url) and requests.append(r.url))
    return requests


def open_following(window, page):
    """Open a desk, and wait until it has asked for what came before its stream."""
    with window.expect_response(re.compile("/changes/")):
        desk = Desk(window, page)
    window.wait_for_function("document.querySelector('live-desk-stream').isOpen")
    return desk


@pytest.fixture
def following(new_window, reporter, match_page):
    return open_following(new_window(reporter), match_page)


@pytest.fixture
def drafter(django_user_model, match_page):
    """A colleague who may edit this page and not publish it."""
    user = django_user_model.objects.create_user("drafter", password="password")
    group = Group.objects.create(name="drafters")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    allow(group, match_page, "change_page")
    user.groups.add(group)
    return user


def allow(group, page, codename):
    permission = Permission.objects.get(codename=codename)
    GroupPagePermission.objects.create(group=group, page=page, permission=permission)


def test_a_desk_that_is_told_nothing_asks_nothing(
    following, new_window, reporter, match_page
):
    polling = new_window(reporter)
    polling.route("**/stream/*", lambda route: None)  # without an answer
    polls = record(polling, "changes")
    Desk(polling, match_page)
    requests = record(following.window, "changes")
    with polling.expect_event("request", lambda _: len(polls) >= 4):
        pass
    assert requests == []
    match_page.add_live_post("<p>Goal</p>")
    following.expect("Goal")
    assert len(requests) == 1


def test_a_lock_comes_and_goes_and_the_text_stays(following, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    following.expect("Kick-off")
    following.editor.press_sequentially("Goal")
    lock = following.window.locator("live-desk-rights")
    expect(lock).to_be_hidden()
    match_page.locked = True
    match_page.save()
    expect(lock).to_contain_text("locked")
    form = following.composer.locator("live-post-form")
    expect(form).to_have_attribute("inert", "")
    expect(following.editor).to_have_text("Goal")
    expect(following.post("Kick-off").locator("[data-act]")).to_have_count(0)
    match_page.locked = False
    match_page.save()
    expect(lock).to_be_hidden()
    expect(form).not_to_have_attribute("inert", "")
    following.editor.click()
    following.window.keyboard.press("End")
    following.send("!")
    following.expect("Goal!", "Kick-off")


def test_a_desk_says_that_readers_do_not_see_the_page(following, match_page):
    notice = following.window.locator(".live-desk__visibility")
    expect(notice).to_be_hidden()
    following.editor.press_sequentially("Goal")
    match_page.save_revision().publish()
    match_page.refresh_from_db()
    match_page.unpublish()
    expect(notice).to_contain_text("Readers can’t see this page any more")
    link = notice.get_by_role("link", name="Publish page")
    expect(link).to_have_attribute("href", f"/admin/pages/{match_page.pk}/edit/")
    expect(following.editor).to_have_text("Goal")
    expect(following.editor).to_be_focused()
    match_page.go_live_at = timezone.now() + timedelta(days=2)
    match_page.save_revision().publish()
    expect(notice).to_contain_text("yet. It is scheduled for")
    match_page.refresh_from_db()
    match_page.go_live_at = None
    match_page.save_revision().publish()
    expect(notice).to_be_hidden()
    expect(following.editor).to_have_text("Goal")


def test_a_desk_that_was_opened_while_the_page_was_locked_gets_a_composer(
    new_window, reporter, match_page
):
    match_page.locked = True
    match_page.save()
    window = new_window(reporter)
    window.goto(f"/admin/live/{match_page.pk}/")
    window.wait_for_function("document.querySelector('live-desk-stream').isOpen")
    expect(window.locator("live-desk-rights")).to_contain_text("locked")
    match_page.locked = False
    match_page.save()
    window.locator(".live-desk__composer [contenteditable=true]").click()
    window.keyboard.type("Goal")
    window.keyboard.press("Control+Enter")
    expect(window.locator("article .live-desk__content")).to_have_text("Goal")


def test_new_rights_change_the_buttons_and_not_the_text(
    new_window, drafter, match_page
):
    match_page.add_live_post("<p>Kick-off</p>")
    desk = open_following(new_window(drafter), match_page)
    desk.editor.press_sequentially("Goal")
    publish = desk.composer.get_by_role("button", name="Publish", exact=True)
    submit = desk.composer.get_by_role("button", name="Submit to editor")
    expect(submit).to_be_visible()
    expect(publish).to_have_count(0)
    allow(drafter.groups.get(), match_page, "publish_page")
    expect(publish).to_be_visible()
    expect(submit).to_have_count(0)
    expect(desk.editor).to_have_text("Goal")
    expect(desk.post("Kick-off").locator("[data-act=hide]")).to_have_count(1)
    GroupPagePermission.objects.filter(permission__codename="publish_page").delete()
    expect(submit).to_be_visible()
    expect(desk.editor).to_have_text("Goal")
    expect(desk.post("Kick-off").locator("[data-act=hide]")).to_have_count(0)


@pytest.mark.allow_console_errors(reason="403")
def test_a_user_who_loses_the_right_is_told_and_keeps_the_text(
    new_window, drafter, match_page
):
    desk = open_following(new_window(drafter), match_page)
    desk.editor.press_sequentially("Goal")
    group = drafter.groups.get()
    GroupPagePermission.objects.filter(group=group).delete()
    connection = desk.window.locator("live-desk-connection")
    expect(connection).to_contain_text("permission")
    match_page.add_live_post("<p>Secret</p>", show=False)
    expect(desk.editor).to_have_text("Goal")
    allow(group, match_page, "change_page")
    expect(connection).to_be_hidden()
    expect(desk.post("Secret")).to_be_visible()


@pytest.mark.allow_console_errors(reason="403")
def test_a_user_who_is_deactivated_is_told(following, reporter):
    reporter.is_active = False
    reporter.save()
    expect(following.window.locator("live-desk-connection")).to_contain_text("sign")


def test_a_new_author_is_offered_in_the_filters(following, match_page, colleague):
    authors = following.window.locator("select[name=author]")
    expect(authors).not_to_contain_text("colleague")
    posts.publish(
        match_page.live_channel, "<p>Goal</p>", author=colleague, actor=colleague
    )
    expect(authors.locator("option", has_text="colleague")).to_have_count(1)


def test_colleagues_see_who_comes_edits_and_goes(
    following, new_window, colleague, match_page
):
    match_page.add_live_post("<p>Goal</p>")
    following.expect("Goal")
    other = open_following(new_window(colleague), match_page)
    people = following.window.locator(".live-desk__people")
    expect(people).to_contain_text("colleague")
    other.post("Goal").locator("[data-act=edit]").dispatch_event("click")
    expect(following.post("Goal")).to_contain_text("colleague is editing")
    other.window.close()
    expect(people).to_have_text("")


def test_many_tabs_share_a_few_streams_and_all_follow(following, match_page):
    context = following.window.context
    for _ in range(2):
        open_following(context.new_page(), match_page)
    last = context.new_page()
    streams = record(last, "stream")
    desk = Desk(last, match_page)
    match_page.add_live_post("<p>Goal</p>")
    for each in (following, desk):
        each.expect("Goal")
    assert streams == []


@pytest.mark.allow_console_errors(reason="the server is down")
def test_desks_come_back_after_a_crash_and_miss_nothing(
    new_window, reporter, match_page, start_server
):
    server = start_server(Uvicorn)
    desk = open_following(new_window(reporter, base_url=server.url), match_page)
    match_page.add_live_post("<p>Kick-off</p>")
    desk.expect("Kick-off")
    server.kill()
    match_page.add_live_post("<p>Goal</p>")
    server.start()
    desk.expect("Goal", "Kick-off")
    is_open = "document.querySelector('live-desk-stream').isOpen"
    desk.window.wait_for_function(is_open)
    match_page.add_live_post("<p>Half-time</p>")
    desk.expect("Half-time", "Goal", "Kick-off")


def test_a_desk_under_wsgi_polls_and_opens_no_stream(
    new_window, reporter, match_page, start_server
):
    server = start_server(Gunicorn)
    window = new_window(reporter, base_url=server.url)
    streams = record(window, "stream")
    desk = Desk(window, match_page)
    match_page.add_live_post("<p>Goal</p>")
    desk.expect("Goal")
    assert streams == []


def test_a_proxy_that_holds_the_stream_back_leaves_the_desk_polling(
    new_window, reporter, match_page
):
    window = new_window(reporter)
    window.route("**/stream/*", lambda route: None)  # without an answer
    desk = Desk(window, match_page)
    match_page.add_live_post("<p>Goal</p>")
    desk.expect("Goal")


def test_a_desk_that_is_closed_is_forgotten(following):
    wait_until(lambda: DeskPresence.objects.current().count() == 1)
    following.window.close()
    wait_until(lambda: DeskPresence.objects.current().count() == 0)
