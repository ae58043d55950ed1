"""Pages in Chromium that a server with one synchronous worker serves."""

import pytest

from tests.browser.reading import UPDATES, expect_posts, open_page
from tests.servers import Gunicorn

INTERVAL = 3  # seconds, the default

# The loop of wagtail-live 1.0: it asks again at once, whatever the answer is.
ASK_WITHOUT_A_PAUSE = """async (url) => {
  const started = performance.now();
  performance.setResourceTimingBufferSize(10000);
  for (let poll = 0; poll < 1000; poll += 1) await (await fetch(url)).json();
  const polls = performance.getEntriesByName(new URL(url, document.baseURI).href);
  return {
    seconds: (performance.now() - started) / 1000,
    requests: polls.filter(({ transferSize }) => transferSize > 0).length,
  };
}"""
OPEN_STREAM = """(url) => new Promise((resolve) => {
  const stream = new EventSource(url);
  stream.onerror = () => resolve(stream.readyState === EventSource.CLOSED);
})"""


@pytest.fixture
def server(start_server):
    return start_server(Gunicorn, "--worker-class", "sync", "--threads", "1")


def test_two_open_pages_leave_the_worker_to_others(server, new_window, match_page):
    first, second, visitor = (new_window(base_url=server.url) for _ in range(3))
    for window in (first, second):
        with window.expect_response(UPDATES) as polled:
            open_page(window, match_page)
        assert "/poll/" in polled.value.url
    visitor.goto("/")
    match_page.add_live_post("<p>Goal</p>")
    expect_posts([first, second], "Goal")


def test_a_script_that_asks_without_a_pause_asks_its_browser(
    server, window, match_page
):
    window.goto(server.url)
    query = f"?last_update_ts={match_page.last_update_timestamp!r}"
    url = f"/wagtail_live/get-updates/{match_page.channel_id}/{query}"
    result = window.evaluate(ASK_WITHOUT_A_PAUSE, url)
    assert result["requests"] <= result["seconds"] / INTERVAL + 2


@pytest.mark.allow_console_errors
def test_a_stream_that_is_refused_is_not_asked_for_again(server, window, match_page):
    window.goto(server.url)
    url = f"/wagtail_live/stream/{match_page.channel_id}/"
    assert window.evaluate(OPEN_STREAM, f"{url}?last_update_ts=0") is True
