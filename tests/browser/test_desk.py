"""The live desk with two reporters, and readers who follow."""

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.desk import Desk, lose_the_answer, send
from tests.browser.reading import expect_posts
from tests.receivers.image_files import make_image
from wagtail_live import posts
from wagtail_live.images import add_image
from wagtail_live.models import Channel, LivePost, PostStatus
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage


def test_a_post_is_published_by_two_keys_and_the_composer_is_ready_again(
    desk, other, reader
):
    desk.publish("Kick-off")
    expect_posts([reader], "Kick-off")
    other.expect("Kick-off")
    expect(desk.editor).to_be_focused()
    expect(desk.editor).to_have_text("")
    desk.publish("Goal")
    desk.expect("Goal", "Kick-off")
    other.expect("Goal", "Kick-off")
    expect_posts([reader], "Goal", "Kick-off")


def test_a_post_is_edited_in_its_place(desk, other, reader):
    desk.publish("Gaol")
    send(desk.edit("Gaol", "Goal"))
    desk.expect("Goal")
    other.expect("Goal")
    expect_posts([reader], "Goal")
    expect(desk.post("Goal").get_by_role("button", name="Edit")).to_be_focused()


def test_escape_leaves_a_post_as_it_was(desk):
    desk.publish("Goal")
    desk.edit("Goal", "Gaol")
    desk.window.on("dialog", lambda dialog: dialog.accept())
    desk.window.keyboard.press("Escape")
    expect(desk.window.locator("article live-post-form")).to_have_count(0)
    desk.expect("Goal")


@pytest.mark.allow_console_errors(reason="409")
@pytest.mark.parametrize("choice", ["Keep mine", "Use theirs"])
def test_two_versions_of_a_post_are_shown_and_one_is_chosen(
    desk, other, reader, choice
):
    desk.publish("Gaol")
    other.expect("Gaol")
    form = other.edit("Gaol", "Their goal")
    expect(desk.post("Gaol")).to_contain_text("colleague is editing")
    mine = desk.edit("Gaol", "My goal")
    send(form)
    other.expect("Their goal")
    expect(mine).to_contain_text("Someone else has changed this post")
    send(mine)
    conflict = desk.window.locator(".live-desk__conflict")
    expect(conflict).to_contain_text("Their goal")
    expect(conflict).to_contain_text("My goal")
    expect(conflict).to_contain_text("Nothing is overwritten until you choose")
    expect(conflict).to_have_accessible_description(
        re.compile("colleague changed this post at .*, while you were writing")
    )
    expect(conflict.locator("time")).to_have_text(re.compile(r"^\d+:\d\d\s[AP]M$"))
    expect(conflict.locator("del")).to_have_text("Their")
    expect(conflict.locator("ins")).to_have_text("My")
    expect(conflict).to_be_focused()
    conflict.get_by_role("button", name=choice).click()
    winner = "My goal" if choice == "Keep mine" else "Their goal"
    desk.expect(winner)
    other.expect(winner)
    expect_posts([reader], winner)


@pytest.mark.allow_console_errors(reason="409")
def test_a_conflict_marks_titles_images_and_details(desk, match_page):
    ball, cup = (
        add_image(make_image("PNG", color=color), color) for color in ("red", "blue")
    )
    post = posts.publish(
        match_page.live_channel,
        [("text", "<p>הכדור <b>בפנים</b></p>"), ("image", ball)],
        title="Gaol",
        actor=SYSTEM,
    )
    form = desk.edit("Gaol", "הכדור בחוץ")
    content = [("text", "<p>הכדור <b>בפנים</b></p>"), ("image", cup)]
    posts.edit(
        post.channel,
        post,
        content=content,
        title="Goal",
        is_key_event=True,
        actor=SYSTEM,
    )
    send(form)
    conflict = desk.window.locator(".live-desk__conflict")
    expect(conflict).to_contain_text("This post was changed at")
    theirs, mine = conflict.locator(".live-desk__content").all()
    expect(theirs.locator("del")).to_have_text(["Goal", "בפנים", "", "Key event"])
    expect(mine.locator("ins")).to_have_text(["Gaol", "בחוץ", ""])
    expect(theirs.locator("del img")).to_have_count(1)
    expect(mine.locator("ins img")).to_have_count(1)
    expect(theirs.locator("p").first).to_have_css("direction", "rtl")
    conflict.get_by_role("button", name="Continue editing").click()
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    expect(form.locator("[contenteditable=true]")).to_have_text("הכדור בחוץ")


def test_a_post_is_hidden_and_shown(desk, other, reader):
    desk.publish("Goal")
    expect_posts([reader], "Goal")
    desk.press("Goal", "Hide")
    expect_posts([reader])
    expect(other.post("Goal")).to_contain_text("Hidden")
    other.press("Goal", "Show")
    expect_posts([reader], "Goal")
    expect(desk.post("Goal")).to_contain_text("Published")


def test_a_post_is_pinned(desk, other, reader):
    desk.publish("Goal")
    desk.publish("Half-time")
    desk.press("Goal", "Pin")
    expect(reader.locator(".live-blog__pinned")).to_contain_text("Goal")
    expect(other.post("Goal").get_by_text("Pinned")).to_be_visible()
    other.press("Goal", "Pin")
    expect(reader.locator(".live-blog__pinned")).to_have_count(0)
    expect(desk.post("Goal").get_by_text("Pinned")).to_be_hidden()


def test_a_deleted_post_is_restored(desk, other, reader):
    desk.publish("Kick-off")
    desk.publish("Goal")
    desk.press("Goal", "Delete")
    expect(desk.window.get_by_role("button", name="Undo")).to_be_focused()
    expect_posts([reader], "Kick-off")
    other.expect("Kick-off")
    desk.expect("Kick-off")
    desk.window.reload()
    undo = desk.window.get_by_role("button", name="Undo")
    expect(undo).to_have_accessible_description("Post deleted.")
    undo.click()
    expect(undo).to_have_count(0)
    expect(desk.post("Goal")).to_be_focused()
    expect(desk.window.get_by_role("status").last).to_have_text("Post restored.")
    desk.expect("Goal", "Kick-off")
    other.expect("Goal", "Kick-off")
    expect_posts([reader], "Goal", "Kick-off")


def test_a_draft_is_seen_by_colleagues_alone_until_one_publishes_it(
    desk, other, reader
):
    desk.editor.press_sequentially("Half-time")
    send(desk.composer, "Save draft")
    expect(other.post("Half-time")).to_contain_text("Draft")
    expect_posts([reader])
    other.press("Half-time", "Publish now")
    expect_posts([reader], "Half-time")
    expect(desk.post("Half-time")).to_contain_text("Published")


def test_a_post_is_scheduled(desk, other, reader):
    tomorrow = timezone.now() + timedelta(days=1)
    desk.editor.press_sequentially("Final whistle")
    desk.composer.get_by_text("Schedule…").click()
    moment = tomorrow.strftime("%Y-%m-%dT%H:%M")
    desk.composer.get_by_label("Publish at").fill(moment)
    send(desk.composer, "Schedule")
    expect(other.post("Final whistle")).to_contain_text("Scheduled")
    expect_posts([reader])
    assert LivePost.objects.get().status == PostStatus.SCHEDULED


def test_posts_are_filtered(desk, match_page):
    desk.publish("Goal")
    match_page.add_live_post("<p>A draft</p>", show=False)
    desk.expect("A draft", "Goal")
    desk.window.get_by_label("State").select_option("Draft")
    desk.expect("A draft")
    match_page.add_live_post("<p>Red card</p>")
    match_page.add_live_post("<p>Another draft</p>", show=False)
    desk.expect("Another draft", "A draft")
    desk.window.get_by_role("button", name="All posts").click()
    desk.expect("Another draft", "Red card", "A draft", "Goal")
    desk.window.get_by_role("searchbox", name="Search").fill("draft anoth")
    desk.expect("Another draft")
    desk.window.goto(f"{desk.url}?q=card")
    desk.expect("Red card")


def test_a_preview_shows_what_readers_will_see(desk):
    desk.editor.press_sequentially("Nearly there")
    send(desk.composer, "Preview")
    frame = desk.window.frame_locator(".live-desk__preview iframe")
    expect(frame.locator(".live-post__content")).to_have_text("Nearly there")
    desk.window.get_by_role("button", name="Close").click()
    expect(desk.editor).to_have_text("Nearly there")
    assert not LivePost.objects.exists()


@pytest.mark.allow_console_errors(reason="422")
def test_an_error_stands_at_its_field_and_the_text_stays(desk):
    desk.composer.get_by_label("Title").fill("Kick-off")
    send(desk.composer, "Publish")
    block = desk.composer.locator("[data-streamfield-child]")
    expect(block).to_contain_text("This field is required")
    expect(desk.composer.get_by_label("Title")).to_have_value("Kick-off")
    desk.editor.press_sequentially("They are playing")
    send(desk.composer, "Publish")
    expect(desk.posts).to_have_count(1)


@pytest.mark.allow_console_errors(reason="a lost answer, and 409")
def test_an_action_of_a_lost_answer_is_not_repeated(desk, other, match_page):
    desk.publish("Goal")
    other.expect("Goal")
    # As if the desk had not been told of any update since.
    desk.window.route("**/changes/**", lambda route: route.abort())
    desk.window.route("**/hide/", lose_the_answer)
    desk.press("Goal", "Hide")
    expect(desk.post("Goal")).to_contain_text("Could not reach the server")
    desk.window.unroute("**/hide/")
    other.press("Goal", "Show")
    expect(other.post("Goal")).to_contain_text("Published")
    desk.press("Goal", "Hide")
    expect(desk.post("Goal")).to_contain_text("Someone else has changed this post")
    assert match_page.live_posts.count() == 1
    desk.press("Goal", "Hide")
    expect(desk.post("Goal")).to_contain_text("Hidden")
    assert match_page.live_posts.count() == 0


def test_new_posts_do_not_disturb_typing(desk, match_page):
    desk.editor.press_sequentially("Typing")
    desk.window.keyboard.press("Shift+ArrowLeft")
    place = "[scrollY, getSelection().toString(), document.activeElement.className]"
    before = desk.window.evaluate(place)
    for number in range(20):
        match_page.add_live_post(f"<p>Post {number}</p>")
    expect(desk.posts).to_have_count(20)
    assert desk.window.evaluate(place) == before
    desk.window.keyboard.type("G")
    expect(desk.editor).to_have_text("TypinG")


def test_new_posts_wait_while_scrolled_down(desk, match_page):
    for number in range(30):
        match_page.add_live_post(f"<p>Post {number}</p>")
    desk.open()
    desk.posts.last.scroll_into_view_if_needed()
    before = desk.window.evaluate("scrollY")
    for number in range(3):
        match_page.add_live_post(f"<p>News {number}</p>")
    news = desk.window.get_by_role("button", name="3 new posts")
    expect(news).to_be_visible()
    assert desk.window.evaluate("scrollY") == before
    news.click()
    expect(desk.posts.first).to_contain_text("News 2")
    expect(desk.posts.first).to_be_in_viewport()


def test_earlier_posts_are_loaded_on_demand(desk, match_page):
    for number in range(35):
        match_page.add_live_post(f"<p>Post {number}</p>")
    desk.open()
    expect(desk.posts).to_have_count(30)
    desk.window.get_by_role("button", name="Earlier posts").click()
    expect(desk.posts).to_have_count(35)
    expect(desk.posts.last).to_contain_text("Post 0")


def test_the_coverage_is_ended_and_reopened(desk, other, reader):
    desk.publish("Goal")
    state = reader.locator("live-blog")
    desk.window.get_by_role("button", name="End", exact=True).click()
    for window in (desk.window, other.window):
        expect(window.get_by_role("timer")).to_contain_text("Ending in")
    expect(state).to_have_attribute("state", "live")
    expect(state).to_have_attribute("state", "ended")
    expect(other.window.locator("[data-state=ended]")).to_be_visible()
    expect(desk.window.get_by_role("button", name="Reopen")).to_be_focused()
    other.window.get_by_role("button", name="Reopen").click()
    expect(desk.window.locator("[data-state=live]")).to_be_visible()


def test_the_end_of_the_coverage_is_taken_back(desk, other):
    desk.publish("Goal")
    desk.window.get_by_role("button", name="Pause").click()
    expect(desk.window.locator("[data-state=paused]")).to_be_visible()
    desk.window.get_by_role("button", name="End", exact=True).click()
    expect(desk.window.get_by_role("button", name="Undo")).to_be_focused()
    expect(
        desk.window.get_by_role("button", name="Undo")
    ).to_have_accessible_description(re.compile("Ending in"))
    desk.window.reload()
    expect(desk.window.get_by_role("timer")).to_contain_text("Ending in")
    other.window.get_by_role("button", name="Undo").click()
    for window in (desk.window, other.window):
        expect(window.get_by_role("timer")).to_have_count(0)
        expect(window.get_by_role("button", name="Resume")).to_be_visible()
    channel = Channel.objects.get()
    assert (channel.state, channel.ends_at) == ("paused", None)


def test_the_end_comes_although_the_desk_was_closed(desk, reader):
    desk.publish("Goal")
    desk.window.get_by_role("button", name="End", exact=True).click()
    expect(desk.window.get_by_role("timer")).to_be_visible()
    desk.window.close()
    state = reader.locator("live-blog")
    expect(state).to_have_attribute("state", "ended")


def test_key_points_are_written(desk, other, reader):
    desk.window.get_by_role("button", name="Key points").click()
    form = desk.window.locator("live-post-form[data-kind=summary]")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    desk.window.keyboard.type("Reds lead")
    send(form)
    expect(form).to_have_count(0)
    expect(reader.locator("live-blog")).to_contain_text("Reds lead")
    expect(other.window.locator(".live-desk__summary")).to_have_text("Reds lead")


KEPT = """Object.keys(sessionStorage).filter((key) => /^live-desk-(author|del)/.test(key))"""
AGE = """for (const key of Object.keys(sessionStorage).filter((name) => name.includes('deletions'))) {
  const aged = JSON.parse(sessionStorage[key]).map((each) => ({ ...each, at: Date.now() - 9e7 }));
  sessionStorage[key] = JSON.stringify(aged);
}"""


@pytest.mark.allow_console_errors(reason="the session that has ended")
def test_deleted_posts_are_forgotten_when_they_expire_or_the_user_signs_out(desk):
    """The snapshot for undo has the text of the post in it."""
    trace = desk.window.locator(".live-desk__trace")
    for text in ("Kick-off", "Goal"):
        desk.publish(text)
        desk.press(text, "Delete")
        expect(trace).to_have_count(1)
        desk.window.reload()
        expect(trace).to_have_count(1)
        assert len(desk.window.evaluate(KEPT)) == 1
        if text == "Kick-off":
            desk.window.evaluate(AGE)
            desk.window.reload()
            expect(desk.editor).to_be_focused()
        else:
            Session.objects.all().delete()
            desk.window.evaluate("dispatchEvent(new Event('online'))")
        expect(trace).to_have_count(0)
        assert desk.window.evaluate(KEPT) == []


@pytest.mark.allow_console_errors(reason="the session that has ended")
def test_deleted_posts_are_forgotten_in_all_tabs_when_the_user_signs_out(
    desk, match_page
):
    """On a page of the admin that is not a desk."""
    context = desk.window.context
    other = Desk(context.new_page(), match_page)
    for each in (desk, other):
        each.publish("Kick-off")
        each.press("Kick-off", "Delete")
        expect(each.window.locator(".live-desk__trace")).to_have_count(1)
        each.window.evaluate("sessionStorage['live-desk-author:1'] = 'Ann'")
    public = Desk(context.new_page(), match_page)
    public.publish("Goal")
    public.press("Goal", "Delete")
    expect(public.window.locator(".live-desk__trace")).to_have_count(1)
    public.window.goto(match_page.url)
    assert len(public.window.evaluate(KEPT)) == 1
    desk.editor.press_sequentially("A draft")
    desk.window.goto("/admin/")
    assert len(desk.window.evaluate(KEPT)) == 2
    desk.window.locator(".sidebar-footer button").first.click()
    desk.window.get_by_role("button", name="Log out").click()
    expect(desk.window.get_by_role("button", name="Sign in")).to_be_visible()
    assert desk.window.evaluate(KEPT) == []
    expect(other.window.locator(".live-desk__trace")).to_have_count(0)
    assert other.window.evaluate(KEPT) == []
    public.window.goto("/admin/")
    assert public.window.evaluate(KEPT) == []
    drafts = "Object.keys(localStorage).filter((key) => key.includes('draft:'))"
    assert len(desk.window.evaluate(drafts)) == 1


def write_key_points(desk, text):
    """Replace the key points, and return their form."""
    desk.window.get_by_role("button", name="Key points").click()
    form = desk.window.locator("live-post-form[data-kind=summary]")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    desk.rewrite(form, text)
    return form


@pytest.mark.allow_console_errors(reason="409")
def test_two_versions_of_the_key_points_are_shown_and_one_is_chosen(
    desk, other, colleague, match_page
):
    mine = write_key_points(desk, "Reds lead")
    send(write_key_points(other, "Blues lead"))
    expect(desk.window.locator(".live-desk__summary")).to_have_text("Blues lead")
    goal = match_page.add_live_post("<p>Goal</p>")
    coverage.pin(match_page.live_channel, goal, actor=SYSTEM)  # later, and by nobody
    send(mine)
    conflict = desk.window.locator(".live-desk__conflict")
    expect(conflict).to_have_accessible_description(
        re.compile("colleague changed the key points at .*, while you were writing")
    )
    expect(conflict.locator("time")).to_have_text(re.compile(r"^\d+:\d\d\s[AP]M$"))
    moment = Channel.objects.get().summarised_at
    shown = conflict.locator("time").get_attribute("datetime")
    assert abs(datetime.fromisoformat(shown) - moment) < timedelta(seconds=1)
    expect(conflict.locator("del")).to_have_text("Blues")
    expect(conflict.locator("ins")).to_have_text("Reds")
    expect(conflict).to_be_focused()
    desk.window.keyboard.press("Tab")
    first = conflict.get_by_role("button", name="Continue editing")
    expect(first).to_be_focused()
    desk.window.keyboard.press("Enter")
    editor = mine.locator("[contenteditable=true]")
    expect(editor).to_be_focused()
    expect(editor).to_have_text("Reds lead")
    send(mine)
    conflict.get_by_role("button", name="Keep mine").click()
    expect(other.window.locator(".live-desk__summary")).to_have_text("Reds lead")
    mine = write_key_points(desk, "Reds win")
    own = Desk(desk.window.context.new_page(), match_page)
    send(write_key_points(own, "Nobody wins"))
    expect(desk.window.locator(".live-desk__summary")).to_have_text("Nobody wins")
    send(mine)
    expect(conflict).to_contain_text("You changed the key points yourself at")
    conflict.get_by_role("button", name="Use theirs").click()
    expect(conflict).to_have_count(0)
    assert "Nobody wins" in Channel.objects.get().summary


def test_editors_without_publishing_rights_submit(
    desk, new_window, match_page, reporter, django_user_model, reader
):
    drafter = django_user_model.objects.create_user("drafter", password="password")
    drafter.groups.set(type(reporter.groups.first()).objects.filter(name="Editors"))
    match_page.owner = drafter
    match_page.save()
    novice = Desk(new_window(drafter), match_page)
    expect(novice.composer.get_by_role("button", name="Publish")).to_have_count(0)
    novice.publish("My first goal")
    expect(desk.post("My first goal")).to_contain_text("Submitted")
    expect_posts([reader])
    desk.window.get_by_role("button", name="1 post awaiting review").click()
    desk.expect("My first goal")
    desk.press("My first goal", "Publish now")
    expect_posts([reader], "My first goal")
    # It is no longer what was searched.
    notice = desk.window.locator(".live-desk__no-matches")
    notice.get_by_role("button", name="All posts").click()
    expect(novice.post("My first goal")).to_contain_text("Published")
