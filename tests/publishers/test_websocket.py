"""A WebSocket of updates, which the middleware serves."""

import json
import time
from contextlib import contextmanager

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.servers import wait_until
from tests.servers.in_process import SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery import streams
from wagtail_live.delivery.hub import get_hub
from wagtail_live.delivery.limits import limits

TIMEOUT = 30  # seconds


@pytest.fixture(scope="module")
def running_site():
    with SiteInProcess(LiveUpdatesMiddleware) as site:
        yield site


@contextmanager
def following(site, channel_id, query, **options):
    url = f"ws://127.0.0.1:{site.port}/wagtail_live/socket/{channel_id}/{query}"
    with connect(url, open_timeout=TIMEOUT, **options) as socket:
        yield socket


def now(page):
    return f"?last_update_ts={page.last_update_timestamp!r}"


def receive(socket):
    text = socket.recv(timeout=TIMEOUT)
    assert isinstance(text, str), "not a text frame"
    return json.loads(text)


def close_code(socket):
    try:
        while True:
            socket.recv(timeout=TIMEOUT)
    except ConnectionClosed as closed:
        return closed.rcvd.code


def test_an_update_is_a_frame_in_the_lean_form(site, match_page):
    with following(site, match_page.channel_id, now(match_page)) as socket:
        post = match_page.add_live_post("<p>„Tor!“</p>")
        update = receive(socket)
        assert list(update) == ["updates", "removals", "lastUpdateTimestamp"]
        assert "„Tor!“" in update["updates"][str(post.pk)]["content"]
        assert update["lastUpdateTimestamp"] == match_page.last_update_timestamp
        match_page.update_live_post(post, show=False)
        assert receive(socket)["removals"] == [str(post.pk)]


def test_reconnecting_readers_get_missed_updates(site, match_page):
    query = now(match_page)
    missed = [match_page.add_live_post(f"<p>{number}</p>") for number in range(3)]
    with following(site, match_page.channel_id, query) as socket:
        assert list(receive(socket)["updates"]) == [str(post.pk) for post in missed]


def test_the_overview_is_sent_with_updates_if_requested(site, match_page):
    query = now(match_page) + "&head=1"
    with following(site, match_page.channel_id, query) as socket:
        match_page.add_live_post("<p>Kick-off</p>")
        assert receive(socket)["state"] == "live"


def test_heartbeats_keep_a_quiet_socket_open(site, match_page, short_waits):
    with following(site, match_page.channel_id, now(match_page)) as socket:
        assert [receive(socket) for _ in range(3)] == [{}] * 3


def test_messages_of_readers_are_ignored(site, match_page):
    with following(site, match_page.channel_id, now(match_page)) as socket:
        socket.send("Hello")
        socket.send(b"\x00" * 1000)
        match_page.add_live_post("<p>Goal</p>")
        assert len(receive(socket)["updates"]) == 1


def test_a_disconnect_frees_the_slot_at_once(site, match_page):
    with following(site, match_page.channel_id, now(match_page)):
        wait_until(lambda: get_hub().count_readers() == limits.count() == 1)
    wait_until(lambda: limits.count() == 0)
    wait_until(lambda: get_hub().count_readers() == 0)


def test_a_socket_ends_after_its_life(site, match_page, monkeypatch):
    monkeypatch.setattr(streams, "MAX_LIFETIME", 0.5)
    started = time.monotonic()
    with following(site, match_page.channel_id, now(match_page)) as socket:
        assert close_code(socket) == 1001
    assert time.monotonic() - started < TIMEOUT


def test_readers_of_an_unpublished_page_are_disconnected(site, match_page, short_waits):
    with following(site, match_page.channel_id, now(match_page)) as socket:
        assert receive(socket) == {}
        match_page.unpublish()
        assert close_code(socket) == 4404


def test_readers_are_sent_away_before_a_restart(site, match_page):
    with following(site, match_page.channel_id, now(match_page)) as socket:
        wait_until(lambda: get_hub().count_readers() == 1)
        get_hub().drain(within=0.1)
        assert close_code(socket) == 1012


BAD_QUERIES = [
    "",
    "?last_update_ts=",
    "?last_update_ts=nan",
    "?last_update_ts=1&last_update_ts=2",
]


def test_a_bad_cursor_is_refused(site, match_page, subtests):
    for query in BAD_QUERIES:
        with (
            subtests.test(query=query),
            following(site, match_page.channel_id, query) as socket,
        ):
            assert close_code(socket) == 4400
            assert "last_update_ts" in socket.close_reason
    wait_until(lambda: limits.count() == 0)


def test_channels_without_access_are_not_found(site, match_page, caplog):
    match_page.view_restrictions.create(restriction_type="login")
    for channel_id in ("unknown", match_page.channel_id):
        with following(site, channel_id, now(match_page)) as socket:
            assert close_code(socket) == 4404


ORIGINS = [
    (None, True),
    ("https://live.example", True),
    ("https://live.example:8443", True),
    ("https://app.example", True),
    ("http://app.example", False),
    ("https://evil.example", False),
    ("https://live.example.evil.example", False),
    ("null", False),
    ("https://", False),
]


def test_only_pages_of_the_site_and_of_named_origins_may_connect(
    site, match_page, settings, subtests
):
    """P6: a socket asks for its page's origin."""
    settings.ALLOWED_HOSTS = ["live.example", "127.0.0.1"]
    settings.WAGTAIL_LIVE_ALLOWED_ORIGINS = ["https://app.example"]
    query = now(match_page)
    match_page.add_live_post("<p>Goal</p>")
    for origin, allowed in ORIGINS:
        with subtests.test(origin=origin):
            if allowed:
                with following(
                    site, match_page.channel_id, query, origin=origin
                ) as socket:
                    assert receive(socket)["updates"]
            else:
                with (
                    pytest.raises(InvalidStatus) as refused,
                    following(site, match_page.channel_id, query, origin=origin),
                ):
                    pass
                assert refused.value.response.status_code == 403


def test_sockets_are_refused_while_updates_are_switched_off(site, match_page, settings):
    settings.WAGTAIL_LIVE_ENABLED = False
    with (
        pytest.raises(InvalidStatus) as refused,
        following(site, match_page.channel_id, now(match_page)),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_plain_request_is_told_to_upgrade(site, match_page):
    url = f"{site.url}/wagtail_live/socket/{match_page.channel_id}/"
    answer = httpx.get(url, params={"last_update_ts": 1})
    assert answer.status_code == 426
    assert answer.headers["Upgrade"] == "websocket"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "error" in answer.json()
