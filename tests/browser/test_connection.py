"""A page that lost its server reconnects, and never asks too often."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.reading import (
    assert_not_reloaded,
    expect_posts,
    go_offline,
    open_page,
)
from tests.servers import Gunicorn, Uvicorn
from tests.servers.nchan import NginxWithNchan

POLLS = re.compile("/(get-updates|stream)/")
MINUTE = 60_000
LONG_POLLING = {
    "WAGTAIL_LIVE_PUBLISHER": "wagtail_live.publishers.polling.LongPollingPublisher"
}


@pytest.mark.allow_console_errors
def test_a_window_that_was_offline_catches_up(new_window, match_page):
    """F-25: three missed updates arrive together."""
    away, present = windows = [open_page(new_window(), match_page) for _ in range(2)]
    post = match_page.add_live_post("<p>Kick-off</p>")
    expect_posts(windows, "Kick-off")
    go_offline(away)
    match_page.add_live_post("<p>Goal</p>")
    match_page.update_live_post(post, content="<p>Kick-off at noon</p>")
    match_page.add_live_post("<p>Half-time</p>")
    expect_posts([present], "Half-time", "Goal", "Kick-off at noon")
    expect_posts([away], "Kick-off")
    away.context.set_offline(False)
    expect_posts([away], "Half-time", "Goal", "Kick-off at noon")
    assert_not_reloaded(windows)


@pytest.mark.allow_console_errors
def test_a_restarted_server_is_found_again(start_server, new_window, match_page):
    """N6: the client reconnects by itself, at a random time."""
    server = start_server()
    window = new_window(base_url=server.url)
    window.clock.install()
    open_page(window, match_page)
    with window.expect_event("requestfailed"):
        server.kill()
    match_page.add_live_post("<p>Goal</p>")
    server.start()
    window.clock.fast_forward(MINUTE)
    expect_posts([window], "Goal")


def test_a_request_without_a_response_times_out(start_server, new_window, match_page):
    server = start_server()
    window = new_window(base_url=server.url)
    window.clock.install()
    with window.expect_request(POLLS):
        open_page(window, match_page)
    server.pause()
    with window.expect_event("requestfailed"):
        window.clock.fast_forward(MINUTE)
    with window.expect_request(POLLS):
        window.clock.fast_forward(MINUTE)


@pytest.mark.allow_console_errors
def test_a_page_that_is_published_again_goes_on(window, match_page):
    window.clock.install()
    open_page(window, match_page)
    with window.expect_response(lambda response: response.status == 404):
        match_page.unpublish()
    expect(window.get_by_text("Reconnecting")).to_be_visible()
    match_page.save_revision().publish()
    match_page.add_live_post("<p>Goal</p>")
    window.clock.fast_forward(MINUTE)
    expect_posts([window], "Goal")


@pytest.mark.parametrize("server_class", [Uvicorn, Gunicorn])
def test_a_server_that_answers_at_once_is_polled_once_a_second(
    server_class, start_server, new_window, match_page
):
    settings = {**LONG_POLLING, "WAGTAIL_LIVE_POLLING_TIMEOUT": 0}
    variables = {"TEST_WITHOUT_MIDDLEWARE": "1"}  # with it the page takes a stream
    server = start_server(server_class, settings=settings, variables=variables)
    window = new_window(base_url=server.url)
    open_page(window, match_page)
    polls = window.wait_for_function(
        """() => {
          const polls = performance.getEntriesByType("resource")
            .filter(({ name }) => name.includes("/get-updates/"))
            .map(({ startTime }) => startTime);
          return polls.length > 2 && polls;
        }"""
    ).json_value()
    assert polls[2] - polls[0] > 1900  # milliseconds, as the browser has counted them


def test_readers_who_poll_at_intervals_follow(start_server, new_window, match_page):
    publisher = "wagtail_live.publishers.polling.IntervalPollingPublisher"
    settings = {
        "WAGTAIL_LIVE_PUBLISHER": publisher,
        "WAGTAIL_LIVE_POLLING_INTERVAL": 500,
    }
    window = new_window(base_url=start_server(settings=settings).url)
    open_page(window, match_page)
    match_page.add_live_post("<p>Kick-off</p>")
    expect_posts([window], "Kick-off")


@pytest.mark.nginx
def test_a_page_under_wsgi_follows_by_a_stream_that_nchan_holds(
    start_server, new_window, match_page, settings
):
    nginx = NginxWithNchan(None)
    settings.WAGTAIL_LIVE_NCHAN = nginx.settings["WAGTAIL_LIVE_NCHAN"]
    nginx.site_port = start_server(Gunicorn, settings=nginx.settings).port
    with nginx:
        window = new_window(base_url=nginx.url)
        with window.expect_response(
            lambda response: "/stream/" in response.url
        ) as held:
            open_page(window, match_page)
        assert held.value.headers["content-type"] == "text/event-stream; charset=utf-8"
        match_page.add_live_post("<p>Kick-off</p>")
        match_page.add_live_post("<p>Goal</p>")
        expect_posts([window], "Goal", "Kick-off")


def test_a_tab_that_is_shown_again_asks_at_once(window, match_page):
    """F-25: a tab that wakes up asks at once."""
    with window.expect_request(POLLS):
        open_page(window, match_page)
    with window.expect_request(POLLS):
        window.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    match_page.add_live_post("<p>Kick-off</p>")
    expect_posts([window], "Kick-off")


@pytest.mark.allow_console_errors
def test_a_reader_without_a_slot_polls_at_intervals(
    start_server, new_window, match_page
):
    """N1: readers over the server's limit miss no update."""
    settings = {"WAGTAIL_LIVE_MAX_READERS": 1, "WAGTAIL_LIVE_POLLING_INTERVAL": 500}
    server = start_server(settings=settings)
    lucky = open_page(new_window(base_url=server.url), match_page)
    match_page.add_live_post("<p>Kick-off</p>")
    expect_posts([lucky], "Kick-off")
    other = new_window(base_url=server.url)
    other.clock.install()
    with other.expect_request("**/stream/**"):
        open_page(other, match_page)
    with other.expect_request("**/poll/**"):
        other.clock.run_for(MINUTE)
    match_page.add_live_post("<p>Goal</p>")
    other.clock.run_for(2000)
    expect_posts([lucky, other], "Goal", "Kick-off")
