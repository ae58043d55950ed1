"""A reporter who writes on while the connection, the server and the browser fail: every
character and every photo arrives, in order, once."""

import pytest
from playwright.sync_api import expect

from tests.browser.fast_reporter import FastReporter

pytestmark = pytest.mark.allow_console_errors(reason="500, and no connection")


def test_every_character_and_photo_arrives_in_order_once(
    new_window, reporter, match_page
):
    fast = FastReporter(new_window(reporter), match_page, latency=100, delay=1)
    fast.fail(times=2)
    fast.write(photo=True)
    fast.write_offline(seconds=0)
    fast.write(halfway=fast.crash)
    fast.hang()
    fast.write(photo=True)
    fast.write(halfway=fast.reload)
    fast.write()
    fast.expect_all()


def test_a_crash_in_the_moment_of_the_key_loses_nothing(
    new_window, reporter, match_page
):
    fast = FastReporter(new_window(reporter), match_page)
    fast.type("Goal in the ", delay=60)
    # Nothing is kept from here on but what the key itself keeps.
    fast.window.evaluate("window.setTimeout = window.requestAnimationFrame = () => 1")
    fast.type("last minute")
    fast.window.keyboard.press("Control+Enter")
    expect(fast.desk.unsent).to_contain_text("Goal in the last minute")
    fast.crash()
    expect(fast.desk.editor).to_have_text("Goal in the last minute")
    fast.window.keyboard.press("Control+Enter")
    fast.written.append("Goal in the last minute")
    fast.expect_all()


@pytest.mark.slow
@pytest.mark.parametrize("latency", [1200, 3000])
def test_two_hundred_posts_of_a_match(new_window, reporter, match_page, latency):
    """The server fails, the connection is away for 20 seconds and the tab crashes."""
    window = new_window(reporter)
    fast = FastReporter(window, match_page, latency=latency, delay=60, patience=180_000)
    accidents = {
        20: fast.fail,
        50: lambda: fast.write_offline(seconds=20),
        100: fast.hang,
        150: fast.fail,
    }
    halfway = {80: fast.crash, 120: fast.reload}
    while (number := len(fast.written)) < 200:
        if number in accidents:
            accidents.pop(number)()
        photo = len(fast.photos) <= number // 10
        fast.write(photo=photo, halfway=halfway.pop(number, None))
    assert not accidents
    assert not halfway
    assert len(fast.photos) == 20
    fast.expect_all()
