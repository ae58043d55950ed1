"""A reporter who writes on while the connection, the server and the browser fail: every
character and every photo arrives, in order, once."""

import os

import pytest
from playwright.sync_api import expect

from tests.browser.fast_reporter import FastReporter
from tests.parallel import rest_nightly

pytestmark = pytest.mark.allow_console_errors(reason="500, and no connection")
POSTS = int(os.environ.get("TEST_MATCH_POSTS", 40))  # `make test-match`: 200


@pytest.mark.slow
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
@pytest.mark.parametrize("latency", rest_nightly([1200, 3000]))
def test_the_posts_of_a_match(new_window, reporter, match_page, latency):
    """The server fails, the connection is away for 20 seconds and the tab crashes."""
    window = new_window(reporter)
    fast = FastReporter(window, match_page, latency=latency, delay=60, patience=180_000)
    accidents = [
        (0.1, fast.fail),
        (0.25, lambda: fast.write_offline(seconds=20)),
        (0.6, fast.hang),
        (0.85, fast.fail),
    ]
    halfway = [(0.5, fast.crash), (0.75, fast.reload)]
    while (number := len(fast.written)) < POSTS:
        if accident := pop_due(accidents, number):
            accident()
        photo = len(fast.photos) <= number // 10
        fast.write(photo=photo, halfway=pop_due(halfway, number))
    assert not accidents
    assert not halfway
    assert len(fast.photos) == POSTS // 10
    fast.expect_all()


def pop_due(accidents, number):
    """Return the next accident if so many posts are written, each at a part of the match."""
    if accidents and accidents[0][0] * POSTS <= number:
        return accidents.pop(0)[1]
    return None
