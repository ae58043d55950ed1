"""Key events beside the posts: all of them can be reached there, and by their hour."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.reading import assert_not_reloaded, open_page
from wagtail_live import posts
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

COUNT = 250
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
ITEMS = ".live-blog__key-events li[data-position]"
EARLIER = "Earlier key events"


@pytest.fixture
def events(match_page):
    """A key event every fifteen minutes, across three days, newest first."""
    channel = match_page.live_channel
    newest = posts.publish(channel, "Event 0", is_key_event=True, actor=SYSTEM)
    start = newest.created
    older = [
        LivePost(
            channel=channel,
            content=[("text", f"<p>Event {number}</p>")],
            title=f"Event {number}",
            created=start - timedelta(minutes=15 * number),
            first_published_at=start - timedelta(minutes=15 * number),
            updated_at=newest.updated_at - timedelta(seconds=number),
            is_key_event=True,
        )
        for number in range(1, COUNT)
    ]
    return [newest, *LivePost.objects.bulk_create(older)]


def titles(window):
    return window.locator(f"{ITEMS} a").all_inner_texts()


def expected(first, last):
    return [f"Event {number}" for number in range(first, last)]


def test_all_key_events_are_loaded_on_demand_and_stay(new_window, match_page, events):
    window = open_page(new_window(viewport=WIDE), match_page)
    assert titles(window) == expected(0, 100)
    for first, count in ((100, 200), (200, 250)):
        window.get_by_role("link", name=EARLIER).click()
        expect(window.locator(ITEMS)).to_have_count(count)
        expect(window.locator(f"{ITEMS} a").nth(first)).to_be_focused()
    assert titles(window) == expected(0, 250)
    expect(window.get_by_role("link", name=EARLIER)).to_have_count(0)
    # A new one, and one that is withdrawn, change the list and keep what was loaded.
    posts.publish(
        match_page.live_channel, "Goal", title="Goal", is_key_event=True, actor=SYSTEM
    )
    expect(window.locator(f"{ITEMS} a").first).to_have_text("Goal")
    assert titles(window) == ["Goal", *expected(0, 250)]
    posts.delete(match_page.live_channel, events[180], actor=SYSTEM)
    expect(window.locator(ITEMS)).to_have_count(250)
    assert "Event 180" not in titles(window)
    # One whose post the page doesn't show opens there.
    window.get_by_role("link", name="Event 240", exact=True).click()
    window.wait_for_url(f"**/?post={events[240].pk}*")
    expect(window.locator(f"#live-post-{events[240].pk}")).to_be_in_viewport()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["desktop", "phone"])
def test_an_hour_of_a_former_day_is_one_click_away(
    new_window, match_page, events, viewport
):
    window = new_window(viewport=viewport, timezone_id="UTC")
    open_page(window, match_page)
    hours = window.locator(".live-blog__hours a")
    assert hours.count() >= COUNT // 4
    days = window.locator(".live-blog__hours-day")
    first = events[-1].created
    expect(days.last).to_have_text(f"{first:%a, %b} {first.day}")
    assert days.count() == (datetime.now(UTC).date() - first.date()).days
    expect(hours.last).to_contain_text(":00")
    hours.last.click()
    items = window.locator(ITEMS)
    expect(items).to_have_count(COUNT)
    hour = f"{first:%d %H}"
    number = next(n for n, post in enumerate(events) if f"{post.created:%d %H}" == hour)
    link = window.get_by_role("link", name=f"Event {number}", exact=True)
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    # One of an hour that the list already has; the page itself hardly moves.
    hours.nth(5).click()
    focused = window.locator(f"{ITEMS} a:focus")
    expect(focused).to_be_in_viewport()
    assert titles(window).index(focused.inner_text()) < 6 * 4
    assert window.evaluate("scrollY") < viewport["height"] / 4
    assert_not_reloaded([window])


def test_without_scripts_links_lead_to_all_key_events(new_window, match_page, events):
    window = new_window(java_script_enabled=False)
    window.goto(match_page.url)
    window.locator(".live-blog__hours a").last.click()
    expect(window.locator(f"#live-post-{events[-1].pk}")).to_be_visible()
    window.goto(match_page.url)
    window.get_by_role("link", name=EARLIER).click()
    expect(window.locator(f"#live-post-{events[100].pk}")).to_be_visible()
