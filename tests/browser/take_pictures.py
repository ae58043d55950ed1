"""Pictures of the desk for the documentation, into ``docs/images/``.

``python -m pytest tests/browser/take_pictures.py``; not collected without its name.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests.browser.desk import Desk, send
from wagtail_live import coverage, posts
from wagtail_live.models import LivePost

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LAPTOP = {"width": 1100, "height": 800}
PHONE = {"width": 360, "height": 740}
KICK_OFF = datetime(2026, 6, 1, 18, tzinfo=UTC)
MATCH = [
    "The teams are out, and so is the sun. Both sides unchanged.",
    "Kick-off! The Reds play from left to right.",
    "First corner of the match, headed over by the captain.",
    "What a save! The keeper turns it round the post with one hand.",
]

pytestmark = pytest.mark.allow_console_errors(reason="409 and 422")


@pytest.fixture
def reporter(reporter):
    reporter.first_name, reporter.last_name = "Anna", "Keller"
    reporter.save()
    return reporter


@pytest.fixture
def match(match_page, reporter):
    """The first minutes of a match."""
    match_page.title = match_page.draft_title = "Final: Reds – Blues"
    match_page.save()
    channel = match_page.live_channel
    by = {"author": reporter, "author_name": "Anna Keller", "source": "desk"}
    for minute, text in enumerate(MATCH):
        created = KICK_OFF + timedelta(minutes=minute)
        posts.publish(channel, f"<p>{text}</p>", created=created, **by)
    goal = posts.publish(
        channel, "<p>A free kick from 25 metres.</p>", title="1–0!", **by
    )
    posts.edit(channel, goal, is_key_event=True)
    posts.publish(
        channel,
        "<p>A fan’s view from the south stand.</p>",
        source="slack",
        author_name="Sam",
        show=False,
        submitted=True,
    )
    coverage.pin(channel, goal)
    coverage.summarise(channel, "<ul><li>1–0 after a free kick</li></ul>")
    return match_page


@pytest.fixture
def take(new_window, reporter):
    """Take a picture of the desk of a page, after something was done at it."""

    def take(name, page, act=lambda desk: None, viewport=LAPTOP, **options):
        window = new_window(reporter, viewport=viewport, **options)
        desk = Desk(window, page)
        act(desk)
        IMAGES.mkdir(exist_ok=True)
        window.screenshot(path=IMAGES / f"desk-{name}.png", animations="disabled")

    return take


def edit(desk):
    form = desk.edit("fan’s view", "The view from the south stand, by Sam.")
    form.scroll_into_view_if_needed()


def conflict(desk):
    form = desk.edit("fan’s view", "The south stand, by our reader Sam.")
    post = LivePost.objects.submitted().get()
    posts.edit(post.channel, post, content="<p>A fan’s view of the goal.</p>")
    send(form)
    versions = desk.window.locator(".live-desk__conflict")
    versions.evaluate("(element) => element.scrollIntoView({ block: 'center' })")


def fail(desk):
    desk.composer.get_by_label("Title").fill("Half-time")
    send(desk.composer, "Publish")
    expect(desk.composer).to_contain_text("This field is required")


def scroll(desk):
    desk.window.locator(".live-desk__filters").scroll_into_view_if_needed()
    desk.window.mouse.move(180, 400)
    desk.window.mouse.wheel(0, 600)
    expect(desk.post("What a save")).to_be_in_viewport()


def test_empty(take, match_page):
    take("empty", match_page)


@pytest.mark.parametrize(
    ("name", "act", "options"),
    [
        ("busy", scroll, {}),
        ("editing", edit, {}),
        ("conflict", conflict, {}),
        ("phone", scroll, {"viewport": PHONE}),
        ("dark", scroll, {"color_scheme": "dark"}),
        ("error", fail, {}),
    ],
)
def test_state(take, match, name, act, options):
    take(name, match, act, **options)


def test_right_to_left(take, match, reporter):
    profile = UserProfile.get_for_user(reporter)
    profile.preferred_language = "ar"
    profile.save()
    take("right-to-left", match)
