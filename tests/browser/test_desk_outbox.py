"""Posts on their way to the server: none is lost, none is sent twice, in their order."""

import threading

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.browser.conftest import session_cookie
from tests.browser.desk import Desk, lose_the_answer
from tests.parallel import rest_nightly
from tests.receivers.image_files import make_image
from wagtail_live.models import LivePost

pytestmark = pytest.mark.slow

NEXT_FRAME = """() => new Promise((resolve) => {
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Enter") return;
    requestAnimationFrame(() => {
      const { activeElement } = document;
      resolve({
        isFocused: Boolean(activeElement.closest(".live-desk__composer")),
        text: activeElement.textContent,
        unsent: document.querySelectorAll("live-unsent-post").length,
      });
    });
  }, true);
})"""

ANIMATED = """document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().localTime > effect.getTiming().delay)
  .flatMap(({ animationName }) => animationName ?? [])
"""


@pytest.fixture
def texts(match_page):
    """The texts of the posts, in the order in which they were published."""
    return lambda: [post.text for post in LivePost.objects.order_by("updated_at")]


class Gate:
    """Holds the requests of a desk that save posts until it is opened."""

    def __init__(self, desk):
        self.held, self.is_open = [], False
        desk.window.route("**/save/", self.hold)

    def hold(self, route):
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def open(self):
        self.is_open = True
        while self.held:
            self.held.pop().continue_()


def test_the_form_is_empty_and_focused_in_the_same_frame(desk):
    gate = Gate(desk)
    desk.editor.press_sequentially("Kick-off")
    desk.window.evaluate(f"void (window.frame = ({NEXT_FRAME})())")
    desk.window.keyboard.press("Control+Enter")
    shown = desk.window.evaluate("window.frame")
    assert shown == {"isFocused": True, "text": "", "unsent": 1}
    expect(desk.unsent).to_contain_text("Sending…")
    expect(desk.unsent).to_contain_text("Kick-off")
    gate.open()
    desk.expect("Kick-off")
    expect(desk.unsent).to_have_count(0)
    # Each frame of an animation would hold up the next key.
    assert desk.window.evaluate(ANIMATED) == []


@pytest.mark.parametrize("is_photo_first", [True, False])
def test_posts_with_photos_are_written_one_after_the_other(
    desk, match_page, is_photo_first
):
    photos = desk.composer.locator("live-photo, [data-chooser-title]")
    for number, color in enumerate(["red", "green", "blue"]):
        ball = [(f"Ball {number}.png", make_image("PNG", color=color))]
        if is_photo_first:
            desk.paste(images=ball)
            expect(photos).not_to_have_count(0)
            desk.window.keyboard.type(f"Goal {number}")
        else:
            desk.window.keyboard.type(f"Goal {number}")
            desk.paste(images=ball)
            expect(photos).not_to_have_count(0)
        desk.window.evaluate(f"void (window.frame = ({NEXT_FRAME})())")
        desk.window.keyboard.press("Control+Enter")
        shown = desk.window.evaluate("window.frame")
        assert shown | {"unsent": 0} == {"isFocused": True, "text": "", "unsent": 0}
        expect(photos).to_have_count(0)
    desk.window.keyboard.type("And more")
    expect(desk.unsent).to_have_count(0)
    published = LivePost.objects.order_by("updated_at")
    order = ["image", "text"] if is_photo_first else ["text", "image"]
    for number, post in enumerate(published):
        assert post.text == f"Goal {number}"
        assert [image.title for image in post.images] == [f"Ball {number}"]
        assert [block.block_type for block in post.content] == order
    expect(desk.editor).to_have_text("And more")
    desk.open()
    expect(desk.editor).to_have_text("And more")


def test_text_that_is_typed_while_others_are_sent_is_kept_in_order(desk, texts):
    gate = Gate(desk)
    written = [f"Post {number} of a fast reporter" for number in range(6)]
    for text in written:
        desk.window.keyboard.type(text, delay=5)
        desk.window.keyboard.press("Control+Enter")
    desk.window.keyboard.type("And more")
    expect(desk.unsent).to_have_count(6)
    gate.open()
    expect(desk.unsent).to_have_count(0)
    desk.expect(*reversed(written))
    assert texts() == written
    expect(desk.editor).to_have_text("And more")


@pytest.mark.allow_console_errors(reason="no connection")
def test_what_is_written_offline_is_sent_by_itself(desk, match_page, texts):
    desk.window.context.set_offline(True)
    desk.send("From the tunnel")
    expect(desk.unsent).to_contain_text("You are offline")
    desk.send("Still there")
    match_page.add_live_post("<p>Meanwhile</p>")
    desk.window.context.set_offline(False)
    desk.expect("Still there", "From the tunnel", "Meanwhile")
    assert texts() == ["Meanwhile", "From the tunnel", "Still there"]


@pytest.mark.allow_console_errors(reason="500 and 502")
@pytest.mark.parametrize("status", rest_nightly([503, 502, 500]))
def test_a_failing_server_is_asked_again(desk, texts, status):
    page = {"status": status, "content_type": "text/html", "body": "<h1>Error</h1>"}
    desk.window.route("**/save/", lambda route: route.fulfill(**page))
    desk.send("Goal")
    desk.send("Own goal")
    failed = desk.unsent.last
    expect(failed).to_contain_text(f"error {status}")
    expect(failed).to_have_accessible_name("Not sent")
    expect(failed.get_by_role("button", name="Try again")).to_be_visible()
    expect(failed.get_by_role("button", name="Edit")).to_be_visible()
    expect(desk.unsent.first).to_have_accessible_name("Waiting")
    announced = desk.window.locator(".live-desk__status")
    expect(announced).to_contain_text(f"Not sent: The server failed (error {status})")
    desk.window.unroute("**/save/")
    gate = Gate(desk)
    failed.get_by_role("button", name="Try again").click()
    expect(failed).to_have_accessible_name("Sending again…")
    gate.open()
    desk.expect("Own goal", "Goal")
    assert texts() == ["Goal", "Own goal"]


@pytest.mark.allow_console_errors(reason="429")
def test_a_busy_server_says_how_long_to_wait(desk):
    page = {"status": 429, "headers": {"Retry-After": "7"}, "body": "Too many"}
    desk.window.route("**/save/", lambda route: route.fulfill(**page))
    desk.send("Goal")
    expect(desk.unsent).to_contain_text("in 7 seconds")
    desk.window.unroute("**/save/")
    desk.unsent.get_by_role("button", name="Try again").click()
    desk.expect("Goal")


@pytest.mark.allow_console_errors(reason="a request that is given up")
def test_a_request_without_an_answer_is_given_up(new_window, reporter, match_page):
    window = new_window(reporter)
    window.add_init_script(
        "const wait = AbortSignal.timeout.bind(AbortSignal);"
        "AbortSignal.timeout = (delay) => wait(delay / 20);"
    )
    desk = Desk(window, match_page)
    gate = Gate(desk)
    desk.send("Goal")
    expect(desk.unsent).to_contain_text("did not answer in time")
    gate.is_open = True
    desk.expect("Goal")


@pytest.mark.allow_console_errors(reason="no connection")
def test_a_reload_loses_nothing(desk, texts):
    desk.window.route("**/save/", lambda route: route.abort())
    for text in ("Goal", "Own goal"):
        desk.send(text)
    expect(desk.unsent).to_have_count(2)
    desk.open()
    expect(desk.unsent).to_have_count(2)
    desk.window.unroute("**/save/")
    desk.expect("Own goal", "Goal")
    assert texts() == ["Goal", "Own goal"]


def test_a_killed_tab_leaves_its_posts_to_another(desk, match_page, texts):
    Gate(desk)
    desk.send("Goal")
    expect(desk.unsent).to_have_count(1)
    window = desk.window.context.new_page()
    desk.window.close()
    second = Desk(window, match_page)
    second.expect("Goal")
    assert texts() == ["Goal"]


def test_two_tabs_send_each_post_once(desk, match_page, texts):
    sent = []
    second = Desk(desk.window.context.new_page(), match_page)
    for window in (desk.window, second.window):
        window.on("request", lambda request: sent.append(request.url))
    desk.send("Goal")
    second.send("Own goal")
    desk.expect("Own goal", "Goal")
    second.expect("Own goal", "Goal")
    assert sorted(texts()) == ["Goal", "Own goal"]
    assert len([url for url in sent if url.endswith("/save/")]) == 2


@pytest.mark.allow_console_errors(reason="403")
def test_signing_in_again_sends_what_was_written(
    desk, reporter, site_server, match_page
):
    desk.editor.press_sequentially("Goal")
    Session.objects.all().delete()
    desk.window.context.clear_cookies()
    desk.send()
    expect(desk.unsent).to_contain_text("no longer signed in")
    expect(desk.unsent.get_by_role("link", name="Sign in")).to_be_visible()
    desk.window.context.add_cookies([session_cookie(reporter, site_server.url)])
    desk.expect("Goal")
    assert match_page.live_posts.count() == 1


@pytest.mark.allow_console_errors(reason="403")
def test_a_reporter_who_may_not_publish_any_more_submits(desk, reporter):
    desk.window.context.set_offline(True)  # else the desk may hear of it first
    desk.send("Goal")
    expect(desk.unsent).to_be_visible()
    reporter.groups.set(type(reporter.groups.first()).objects.filter(name="Editors"))
    desk.window.context.set_offline(False)
    expect(desk.unsent).to_contain_text(
        "no longer have permission to publish on this page"
    )
    desk.unsent.get_by_role("button", name="Submit to editor").click()
    expect(desk.post("Goal")).to_contain_text("Submitted")


def write_invalid(desk):
    """Write a post that the server refuses."""
    title = desk.composer.get_by_label("Title")
    title.evaluate("(field) => field.removeAttribute('maxlength')")
    title.fill("Half-time " * 30)
    desk.editor.press_sequentially("They rest")


@pytest.mark.allow_console_errors(reason="422")
def test_a_post_that_is_refused_comes_back_with_its_errors(desk):
    write_invalid(desk)
    desk.send()
    expect(desk.composer).to_contain_text("at most 255 characters")
    expect(desk.editor).to_have_text("They rest")
    expect(desk.unsent).to_have_count(0)
    desk.composer.get_by_label("Title").fill("Half-time")
    desk.send()
    expect(desk.post("They rest")).to_contain_text("Half-time")


@pytest.mark.allow_console_errors(reason="422")
def test_a_post_that_is_refused_does_not_disturb_the_next_one(desk):
    gate = Gate(desk)
    write_invalid(desk)
    desk.send()
    desk.editor.press_sequentially("Next")
    gate.open()
    expect(desk.unsent).to_contain_text("could not be saved")
    expect(desk.editor).to_have_text("Next")
    desk.unsent.get_by_role("button", name="Edit").click()
    expect(desk.editor).to_have_text("They rest")
    expect(desk.composer).to_contain_text("at most 255 characters")
    expect(desk.unsent).to_contain_text("Next")
    desk.composer.get_by_label("Title").fill("Half-time")
    desk.send()
    expect(desk.post("They rest")).to_contain_text("Half-time")
    desk.unsent.get_by_role("button", name="Edit").click()
    expect(desk.editor).to_have_text("Next")
    desk.send()
    expect(desk.posts).to_have_count(2)
    expect(desk.unsent).to_have_count(0)


@pytest.mark.allow_console_errors(reason="a lost answer")
def test_sending_again_makes_no_second_post(desk, match_page):
    desk.window.route("**/save/", lose_the_answer, times=1)
    desk.send("Goal")
    expect(desk.unsent).to_have_count(0)
    desk.expect("Goal")
    assert match_page.live_posts.count() == 1


@pytest.mark.allow_console_errors(reason="a lost answer, and 409")
@pytest.mark.parametrize("choice", ["Keep mine", "Use theirs"])
def test_sending_again_does_not_overwrite_a_correction(desk, match_page, choice):
    corrected = threading.Event()

    def answer(route):
        if not corrected.is_set():
            lose_the_answer(route)
        else:
            route.continue_()

    desk.window.route("**/save/", answer)
    desk.send("Gaol")
    desk.expect("Gaol")  # by following; the outbox doesn't know it
    match_page.update_live_post(match_page.live_posts.get(), content="<p>Goal</p>")
    corrected.set()
    conflict = desk.unsent.locator(".live-desk__conflict")
    expect(conflict).to_contain_text("Goal")
    expect(conflict).to_contain_text("Gaol")
    conflict.get_by_role("button", name=choice).click()
    desk.expect("Gaol" if choice == "Keep mine" else "Goal")
    expect(desk.unsent).to_have_count(0)
    assert match_page.live_posts.count() == 1


@pytest.mark.allow_console_errors(reason="401 and 403")
def test_nothing_is_sent_or_shown_as_another_user(
    desk, reporter, colleague, site_server, match_page
):
    context = desk.window.context
    context.add_cookies([session_cookie(colleague, site_server.url)])
    desk.send("Goal")
    expect(desk.unsent).to_contain_text("You are now signed in as colleague")
    desk.window.keyboard.type("And more")
    theirs = Desk(context.new_page(), match_page)
    expect(theirs.editor).to_have_text("")
    expect(theirs.unsent).to_have_count(0)
    theirs.publish("Theirs")
    theirs.window.close()
    assert [post.text for post in match_page.live_posts] == ["Theirs"]
    context.add_cookies([session_cookie(reporter, site_server.url)])
    desk.expect("Goal", "Theirs")
    assert match_page.live_posts[0].author == reporter
    expect(desk.editor).to_have_text("And more")
