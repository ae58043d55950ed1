"""Screenshots of the desk for the documentation, in ``docs/images/``.

``python -m pytest tests/browser/take_screenshots.py``; not collected without its name.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests.browser.desk import Desk, send
from wagtail_live import posts
from wagtail_live.desks.people import update_presence
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LAPTOP = {"width": 1100, "height": 800}
WHOLE = {"width": 1100, "height": 1160}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
KICK_OFF = datetime(2026, 6, 1, 18, tzinfo=UTC)
MATCH = [
    "The teams are out, and so is the sun. Both sides unchanged.",
    "Kick-off! The Reds play from left to right.",
    "First corner of the match, headed over by the captain.",
    "What a save! The keeper turns it round the post with one hand.",
]
ARABIC_TITLE = "النهائي: الأحمر – الأزرق"
ARABIC_MATCH = [
    "انطلقت المباراة! الأحمر يلعب من اليمين إلى اليسار.",
    "ركلة حرة من ٢٥ مترًا، وهدف!",
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
    rename(match_page, "Final: Reds – Blues")
    channel = match_page.live_channel
    report(channel, MATCH, reporter)
    goal = posts.publish(
        channel,
        "<p>A free kick from 25 metres.</p>",
        title="1–0!",
        created=minute(len(MATCH)),
        is_key_event=True,
        **by(reporter),
        actor=SYSTEM,
    )
    posts.publish(
        channel,
        "<p>A fan’s view from the south stand.</p>",
        source="slack",
        author_name="Sam",
        sent_at=minute(len(MATCH) + 1),
        show=False,
        submitted=True,
        actor=SYSTEM,
    )
    coverage.pin(channel, goal, actor=SYSTEM)
    coverage.summarise(channel, "<ul><li>1–0 after a free kick</li></ul>", actor=SYSTEM)
    return match_page


@pytest.fixture
def arabic_match(match_page, reporter):
    profile = UserProfile.get_for_user(reporter)
    profile.preferred_language = "ar"
    profile.save()
    rename(match_page, ARABIC_TITLE)
    report(match_page.live_channel, ARABIC_MATCH, reporter)
    coverage.summarise(
        match_page.live_channel, "<ul><li>١–٠ من ركلة حرة</li></ul>", actor=SYSTEM
    )
    return match_page


@pytest.fixture
def colleague(django_user_model):
    return django_user_model.objects.create_user(
        "ben", first_name="Ben", last_name="Okafor"
    )


@pytest.fixture
def take(new_window, reporter):
    """Take a screenshot of the desk of a page, after some steps."""

    def take(name, page, act=lambda desk: None, viewport=LAPTOP, **options):
        window = new_window(reporter, viewport=viewport, **options)
        desk = Desk(window, page)
        act(desk)
        IMAGES.mkdir(exist_ok=True)
        window.screenshot(path=IMAGES / f"desk-{name}.png", animations="disabled")

    return take


def rename(page, title):
    page.title = page.draft_title = title
    page.save()


def report(channel, texts, reporter):
    for number, text in enumerate(texts):
        created = minute(number)
        posts.publish(
            channel, f"<p>{text}</p>", created=created, **by(reporter), actor=SYSTEM
        )


def minute(number):
    return KICK_OFF + timedelta(minutes=number)


def by(reporter):
    full_name = reporter.get_full_name()
    return {"author": reporter, "author_name": full_name, "source": "desk"}


def show_timeline(desk):
    """Scroll to the filters, so that Wagtail's header does not cover them."""
    desk.window.locator(".live-desk__posts").evaluate(
        "(element) => element.scrollIntoView({ behavior: 'instant' })"
    )


def edit(desk):
    desk.edit("fan’s view", "The view from the south stand, by Sam.")
    show_timeline(desk)


def set_time(desk):
    form = desk.edit("What a save", "What a save! The keeper turns it round the post.")
    form.get_by_text("Time…").click()
    form.get_by_label("Time", exact=True).fill("2026-06-01T18:03:40")
    form.evaluate(
        "(form) => scrollBy({ top: form.getBoundingClientRect().top - 260, "
        "behavior: 'instant' })"
    )


def conflict(desk):
    form = desk.edit("fan’s view", "The south stand, by our reader Sam.")
    post = LivePost.objects.submitted().get()
    posts.edit(
        post.channel, post, content="<p>A fan’s view of the goal.</p>", actor=SYSTEM
    )
    send(form)
    expect(desk.window.locator(".live-desk__conflict")).to_be_visible()
    show_timeline(desk)


def fail(desk):
    desk.composer.get_by_label("Title").fill("Half-time")
    send(desk.composer, "Publish")
    expect(desk.composer).to_contain_text("This field is required")


def write(desk):
    desk.composer.get_by_label("Title").fill("2–0!")
    desk.editor.press_sequentially("A header from the second corner.")


def test_empty(take, match_page):
    take("empty", match_page)


def test_busy(take, match, colleague):
    goal = match.live_channel.posts.key_events().get()
    update_presence(match.live_channel, colleague, goal.pk)

    def meet(desk):
        expect(desk.post("1–0!")).to_contain_text("Ben Okafor is editing this post.")

    take("busy", match, meet, viewport=WHOLE)


@pytest.mark.parametrize(
    ("name", "act", "options"),
    [
        ("editing", edit, {}),
        ("time", set_time, {}),
        ("conflict", conflict, {}),
        ("phone", write, PHONE),
        ("dark", show_timeline, {"color_scheme": "dark"}),
        ("error", fail, {}),
    ],
)
def test_state(take, match, name, act, options):
    take(name, match, act, **options)


def test_right_to_left(take, arabic_match):
    take("right-to-left", arabic_match)
