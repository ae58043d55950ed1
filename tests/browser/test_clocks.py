"""Times are right on a device whose clock is wrong."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.reading import UPDATES, expect_posts, open_page

MINUTE, HOUR, DAY = 60, 3600, 86_400
WRONG_CLOCK = """(() => {
  const RealDate = Date;
  const now = () => RealDate.now() + SECONDS * 1000;
  window.Date = class extends RealDate {
    constructor(...args) { super(...(args.length ? args : [now()])) }
    static now() { return now() }
  };
})()"""
SHIFTS = [-3 * MINUTE, -40 * MINUTE, -DAY, 3 * MINUTE, 3 * HOUR, DAY]


@pytest.fixture
def shifted_window(new_window):
    """Open a window of a reader whose clock is some seconds ahead of the server's."""

    def open_window(seconds, window=None, **options):
        window = window.context.new_page() if window else new_window(**options)
        window.add_init_script(WRONG_CLOCK.replace("SECONDS", str(seconds)))
        return window

    return open_window


def times(window):
    return window.locator(".live-blog__posts .live-post__time")


def both(relative, post):
    """The time of a post as readers see it, such as "20 min. ago · 2:04 PM"."""
    return re.compile(rf"^{re.escape(relative)} · .*\b\d+:{post.created:%M}\b")


@pytest.mark.parametrize("shift", SHIFTS)
def test_times_are_by_the_servers_clock(shifted_window, match_page, shift):
    earlier = timezone.now() - timedelta(minutes=20, seconds=30)
    kick_off = match_page.add_live_post("<p>Kick-off</p>", created=earlier)
    goal = match_page.add_live_post("<p>Goal</p>")
    before = [both("now", goal), both("20 min. ago", kick_off)]
    window = open_page(shifted_window(shift), match_page)
    expect(times(window)).to_have_text(before)
    another = match_page.add_live_post("<p>Another goal</p>")
    expect_posts([window], "Another goal", "Goal", "Kick-off")
    expect(times(window)).to_have_text([both("now", another), *before])


@pytest.mark.allow_console_errors(reason="no connection")
@pytest.mark.parametrize("shift", [-40 * MINUTE, -DAY])
def test_no_post_comes_from_the_future_while_the_server_is_not_reached(
    shifted_window, match_page, shift
):
    """The page may have been in a cache; its cursor is a time that has passed."""
    goal = match_page.add_live_post("<p>Goal</p>")
    window = shifted_window(shift)
    window.route(UPDATES, lambda route: route.abort())
    open_page(window, match_page)
    expect(times(window)).to_have_text(both("now", goal))


def test_a_second_tab_takes_the_time_from_the_first(shifted_window, match_page):
    goal = match_page.add_live_post("<p>Goal</p>")
    first = open_page(shifted_window(40 * MINUTE), match_page)
    expect(times(first)).to_have_text(both("now", goal))
    second = open_page(shifted_window(40 * MINUTE, first), match_page)
    expect(times(second)).to_have_text(both("now", goal))


def test_a_post_that_is_dated_later_has_its_exact_time(new_window, match_page):
    later = timezone.now() + timedelta(minutes=45)
    match_page.add_live_post("<p>Preview</p>", created=later)
    window = open_page(new_window(timezone_id="UTC", locale="en-GB"), match_page)
    expect(times(window)).not_to_contain_text("in ")
    expect(times(window)).to_contain_text(f"{later:%M}")
