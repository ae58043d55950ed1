"""Errors on the desk say what has happened, and what to do; the text is kept."""

from email.utils import format_datetime

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.desk import Desk, send
from tests.parallel import rest_nightly
from tests.receivers.image_files import make_image
from tests.servers.nginx import Nginx
from wagtail_live.models import LivePost

pytestmark = [
    pytest.mark.allow_console_errors(reason="the errors that are tested"),
    pytest.mark.slow,
]

PORTAL = {"content_type": "text/html", "body": "<h1>Welcome to the Wi-Fi</h1>"}
WORDS = {
    200: ["did not come from this site", "sign in to the network"],
    404: ["This page was deleted"],
    500: ["The server failed (error 500)"],
    410: ["This page was deleted"],
    418: ["did not accept the request (error 418)"],
    502: ["The server failed (error 502)"],
    504: ["The server failed (error 504)"],
}


def fail(desk, path, status, **headers):
    response = {**PORTAL, "status": status, "headers": headers}
    desk.window.route(f"**/{path}/", lambda route: route.fulfill(**response))


@pytest.mark.parametrize("status", rest_nightly(WORDS, first=3))
def test_a_new_post_an_edit_and_an_action_say_what_has_happened(desk, status):
    desk.publish("Kick-off")
    for path in ("save", "pin"):
        fail(desk, path, status)
    form = desk.edit("Kick-off", "Corrected")
    send(form)
    problem = form.locator(".live-desk__problem")
    desk.editor.click()
    desk.send("Goal")
    for words in [*WORDS[status], "Your text is kept"]:
        expect(problem).to_contain_text(words)
        expect(desk.unsent).to_contain_text(words)
    expect(form.locator("[contenteditable=true]")).to_have_text("Corrected")
    desk.window.once("dialog", lambda dialog: dialog.accept())
    send(form, "Cancel")
    desk.press("Kick-off", "Pin")
    complaint = desk.post("Kick-off").locator(".live-desk__complaint")
    expect(complaint).to_contain_text(WORDS[status][0])
    expect(complaint).not_to_contain_text("Your text")
    desk.window.unroute("**/save/")
    if 400 <= status < 500:
        desk.unsent.get_by_role("button", name="Try again").click()
    else:  # it is sent again by itself, the latest then
        desk.window.evaluate("dispatchEvent(new Event('online'))")
    expect(desk.post("Goal")).to_be_visible()


@pytest.mark.parametrize("as_date", [False, True])
def test_a_busy_server_is_asked_again_after_the_time_it_names(desk, as_date):
    desk.publish("Kick-off")
    pause = timezone.now() + timezone.timedelta(minutes=10)
    value = format_datetime(pause, usegmt=True) if as_date else "4"
    for path in ("save", "pin"):
        fail(desk, path, 429, **{"Retry-After": value})
    form = desk.edit("Kick-off", "Corrected")
    send(form)
    problem = form.locator(".live-desk__problem")
    when = "in 10 minutes" if as_date else "second"
    expect(problem).to_contain_text("Too many requests. Your text is kept")
    expect(problem.get_by_role("timer")).to_contain_text(when)
    if as_date:
        return
    expect(problem.get_by_role("timer")).to_contain_text("in 2 seconds")
    desk.window.unroute("**/save/")
    expect(form).to_have_count(0)
    desk.press("Corrected", "Pin")
    complaint = desk.post("Corrected").locator(".live-desk__complaint")
    expect(complaint).to_contain_text("Try again in 4 seconds")


def test_the_limit_of_a_post_is_named(start_server, new_window, reporter, match_page):
    server = start_server(settings={"DATA_UPLOAD_MAX_MEMORY_SIZE": 20_000})
    desk = Desk(new_window(reporter, base_url=server.url), match_page)
    desk.paste("Goal " * 5000)
    desk.send()
    expect(desk.unsent).to_contain_text("The limit is 19.5 kB")
    expect(desk.unsent).to_contain_text("split it into two posts")
    desk.unsent.get_by_role("button", name="Edit").click()
    # As if the site counted more than the browser.
    desk.window.evaluate(
        "document.querySelector('live-desk').dataset.maxPostSize = 25000"
    )
    desk.send()
    expect(desk.unsent).to_contain_text("The limit is 24.4 kB")
    assert not LivePost.objects.exists()


def test_a_proxy_that_refuses_a_post_or_a_photo_is_named(
    site_server, new_window, reporter, match_page
):
    limit = {"keepalive 64;\n}": "keepalive 64;\n}\nclient_max_body_size 16k;"}
    with Nginx(site_server.port, limit) as nginx:
        desk = Desk(new_window(reporter, base_url=nginx.url), match_page)
        desk.paste("Goal " * 5000)
        desk.send()
        expect(desk.unsent).to_contain_text("a server in front of it rejected the post")
        desk.unsent.get_by_role("button", name="Discard").click()
        noise = make_image("PNG") + b"\0" * 40_000
        desk.paste(images=[("Ball.png", noise)])
        photo = desk.composer.locator("live-photo")
        expect(photo).to_contain_text("“Ball.png” is too large (")
        expect(photo).to_contain_text("a server in front of it rejected the file")


def test_the_login_page_of_another_site_asks_to_sign_in(desk):
    elsewhere = {"status": 302, "headers": {"Location": "https://sso.example/login"}}
    for path in ("**/save/", "**/changes/**", "**/stream/**"):
        desk.window.route(path, lambda route: route.fulfill(**elsewhere))
    desk.send("Goal")
    expect(desk.unsent).to_contain_text("You are no longer signed in")
    expect(desk.unsent.get_by_role("link", name="Sign in")).to_be_visible()
    desk.window.unroute_all()
    desk.expect("Goal")


def test_an_edit_goes_on_after_signing_in_again(desk):
    desk.publish("Gaol")
    form = desk.edit("Gaol", "Goal")
    Session.objects.all().delete()
    send(form)
    problem = form.locator(".live-desk__problem")
    expect(problem).to_contain_text("You are no longer signed in")
    with desk.window.expect_popup() as popup:
        problem.get_by_role("link", name="Sign in").click()
    popup.value.get_by_label("Username").fill("reporter")
    popup.value.get_by_label("Password").fill("password")
    popup.value.get_by_role("button", name="Sign in").click()
    desk.expect("Goal")


def test_a_token_that_is_refused_is_renewed(desk):
    desk.window.context.clear_cookies(name="csrftoken")
    desk.send("Goal")
    desk.expect("Goal")


def test_an_action_names_the_right_that_is_missing(new_window, reporter, match_page):
    window = new_window(reporter)
    # Before the first request: one that is under way could still tell the desk.
    window.route("**/changes/**", lambda route: route.abort())
    desk = Desk(window, match_page)
    desk.publish("Kick-off")
    reporter.groups.set(Group.objects.filter(name="Editors"))
    for button in ("Pin", "Hide"):
        desk.press("Kick-off", button)
        complaint = desk.post("Kick-off").locator(".live-desk__complaint")
        expect(complaint).to_contain_text("do not have permission to publish")


def test_an_edit_of_a_user_who_may_not_publish_any_more_is_submitted(
    desk, reporter, match_page
):
    desk.publish("Kick-off")
    form = desk.edit("Kick-off", "Kick-off at nine")
    reporter.groups.set(Group.objects.filter(name="Editors"))
    send(form)
    expect(form).to_contain_text("submit your text as a new post")
    send(form, "Submit as a new post")
    expect(desk.post("Kick-off at nine")).to_contain_text("Submitted")
    assert [post.text for post in match_page.live_posts] == ["Kick-off"]


def test_a_locked_page_says_who_locked_it(desk, reporter, colleague, match_page):
    desk.publish("Kick-off")
    desk.window.context.set_offline(True)
    desk.send("Goal")
    match_page.locked, match_page.locked_by = True, colleague
    match_page.locked_at = timezone.now()
    match_page.save()
    desk.window.context.set_offline(False)
    expect(desk.unsent).to_contain_text("locked by colleague", ignore_case=True)
    expect(desk.unsent).not_to_contain_text("<")


def test_a_page_that_was_deleted_keeps_the_text(desk, match_page):
    match_page.delete()
    desk.send("Goal")
    expect(desk.unsent).to_contain_text("This page was deleted")
    expect(desk.unsent).to_contain_text("Goal")
