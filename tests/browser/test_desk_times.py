"""Times on the desk, the drawer of scheduled posts, and searches that find nothing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests.browser.desk import Desk
from wagtail_live import cursors, posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts.schedule import publish_due

pytestmark = pytest.mark.slow

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture
def reporter(reporter):
    profile = UserProfile.get_for_user(reporter)
    profile.current_time_zone = "Europe/Berlin"
    profile.save()
    return reporter


@pytest.fixture
def open_desk(new_window, reporter, match_page):
    """Open the desk at noon in UTC, as the browser's clock has it."""

    def open_desk(**options):
        desk = Desk(new_window(reporter, **options), match_page)
        set_clock(desk.window, NOON)
        return desk

    return open_desk


def set_clock(window, moment):
    """Set the browser's clock, and return to the page as from another tab."""
    window.evaluate("(now) => { Date.now = () => now; }", moment.timestamp() * 1000)
    window.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def schedule(page, text, **delay):
    go_live_at = cursors.now() + timedelta(**delay)
    channel = page.live_channel
    return posts.publish(channel, f"<p>{text}</p>", go_live_at=go_live_at, actor=SYSTEM)


@pytest.mark.parametrize(
    ("locale", "hours", "days"),
    [
        ("en-GB", "12:00", "31 May, 14:00"),
        ("en-US", "12:00 PM", "May 31, 2:00 PM"),
        ("de-DE", "12:00", "May 31, 14:00"),
    ],
)
def test_times_are_the_reporters(match_page, open_desk, locale, hours, days):
    for text, age in [("Minutes", 3 / 60), ("Hours", 2), ("Days", 24)]:
        created = NOON - timedelta(hours=age)
        match_page.add_live_post(f"<p>{text}</p>", created=created)
    desk = open_desk(locale=locale)
    times = {text: desk.post(text).locator("time") for text in ("Hours", "Days")}
    expect(desk.post("Minutes")).to_contain_text(re.compile(r"3 min\.? ago"))
    expect(times["Hours"]).to_have_text(hours)
    expect(times["Days"]).to_have_text(days)
    expect(times["Days"]).to_have_attribute("title", re.compile("2026"))


def test_a_time_stays_current(match_page, open_desk):
    match_page.add_live_post("<p>Goal</p>", created=NOON)
    desk = open_desk()
    expect(desk.post("Goal").locator("time")).to_have_text("now")
    set_clock(desk.window, NOON + timedelta(minutes=5))
    expect(desk.post("Goal").locator("time")).to_have_text(re.compile(r"5 min\.? ago"))


def test_scheduled_posts_have_a_drawer_in_the_order_in_which_they_appear(
    match_page, desk, other
):
    match_page.add_live_post("<p>Kick-off</p>")
    schedule(match_page, "Second", hours=2)
    schedule(match_page, "First", hours=1)
    drawer = desk.window.locator("live-desk-scheduled")
    summary = drawer.get_by_text("2 scheduled posts")
    summary.click()
    expect(drawer.locator(".live-desk__content")).to_have_text(["First", "Second"])
    expect(desk.posts).to_have_count(3)
    expect(desk.post("First")).to_contain_text(re.compile("Scheduled for .* CES?T"))

    publish_due(now=cursors.now() + timedelta(minutes=90))
    expect(drawer).to_contain_text("1 scheduled post")
    timeline = desk.window.locator(".live-desk__posts .live-desk__content")
    expect(timeline.first).to_have_text("First")

    desk.press("Second", "Publish now")
    expect(drawer).to_be_hidden()
    expect(timeline.first).to_have_text("Second")
    expect(other.window.locator("live-desk-scheduled")).to_be_hidden()
    expect(other.posts).to_have_count(3)


def test_a_post_that_the_reporter_schedules_is_shown_in_the_drawer(desk):
    desk.editor.press_sequentially("Half-time")
    desk.composer.get_by_text("Schedule…").click()
    field = desk.composer.get_by_label("Publish at")
    expect(desk.composer).to_contain_text("Time zone: Europe/Berlin")
    field.fill((cursors.now() + timedelta(days=2)).strftime("%Y-%m-%dT20:00"))
    desk.composer.get_by_role("button", name="Schedule", exact=True).click()
    post = desk.window.locator("live-desk-scheduled article")
    expect(post).to_be_visible()
    expect(post).to_contain_text(re.compile(r"Scheduled for .* 8:00 PM CES?T"))
    desk.edit("Half-time", "The second half")
    desk.window.keyboard.press("Control+Enter")
    expect(post.locator(".live-desk__content")).to_have_text("The second half")


def test_a_post_does_not_move_to_the_timeline_while_others_are_read(
    new_window, reporter, match_page
):
    for number in range(12):
        match_page.add_live_post(f"<p>Post {number}</p>")
    schedule(match_page, "Later", hours=1)
    desk = Desk(new_window(reporter), match_page)
    last = desk.post("Post 0")
    last.scroll_into_view_if_needed()
    publish_due(now=cursors.now() + timedelta(hours=2))
    desk.window.get_by_role("button", name="1 new post").click()
    expect(desk.posts.first.locator(".live-desk__content")).to_have_text("Later")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_a_search_without_hits_says_so(match_page, open_desk, options):
    match_page.add_live_post("<p>Kick-off</p>")
    desk = open_desk(**options)
    desk.window.get_by_role("searchbox", name="Search").last.fill("penalty")
    if (button := desk.window.get_by_role("button", name="Filter")).is_visible():
        button.click()
    desk.window.get_by_label("State").select_option("Draft")
    notice = desk.window.get_by_text("No posts match “penalty” and Draft.")
    expect(notice).to_be_visible()

    desk.publish("Corner")
    expect(notice).to_be_visible()
    desk.window.get_by_role("button", name="All posts").click()
    expect(notice).to_be_hidden()
    desk.expect("Corner", "Kick-off")


def test_a_new_post_that_matches_the_search_is_a_hit(match_page, desk):
    desk.window.get_by_role("searchbox", name="Search").last.fill("corner")
    notice = desk.window.get_by_text("No posts match “corner”.")
    expect(notice).to_be_visible()
    desk.publish("Corner")
    expect(notice).to_be_hidden()
