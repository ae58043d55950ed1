"""A stream of updates as server-sent events, by the middleware and by Django's view."""

import json
import time
from contextlib import contextmanager

import httpx
import pytest
from asgiref.sync import async_to_sync

from tests.servers import wait_until
from tests.servers.in_process import SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery import streams
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.delivery.limits import limits
from wagtail_live.publishers.event_stream import EventStreamPublisher

TIMEOUT = 30  # seconds


def without_middleware(application):
    return application


def with_wrapped_send(application):
    """Wrap ``send``, as other middleware does, and so hide the connection."""
    middleware = LiveUpdatesMiddleware(application)

    async def wrapping(scope, receive, send):
        async def wrapped(message):
            await send(message)

        await middleware(scope, receive, wrapped)

    return wrapping


SITES = {
    "straight to the connection": (LiveUpdatesMiddleware, "httptools"),
    "by send": (with_wrapped_send, "httptools"),
    "by h11": (LiveUpdatesMiddleware, "h11"),
    "by django": (without_middleware, "httptools"),
}


@pytest.fixture(scope="module", params=SITES)
def running_site(request):
    wrap, http = SITES[request.param]
    with SiteInProcess(wrap, http=http) as site:
        yield site


class Events:
    """The events of an answer, as they come."""

    def __init__(self, answer):
        self.answer = answer
        self._lines = answer.iter_lines()

    def next(self):
        """The fields of the next event; ``None`` at the end, ``:`` is a comment."""
        fields = {}
        for line in self._lines:
            if not line:
                return fields
            name, _, value = line.partition(":")
            assert name not in fields
            fields[name or ":"] = value.removeprefix(" ")
        assert not fields, "the stream ends within an event"
        return None

    def next_update(self):
        end = time.monotonic() + TIMEOUT
        while (event := self.next()) is not None:
            if "data" in event:
                return event
            assert time.monotonic() < end, "nothing but heartbeats"
        raise AssertionError("the stream has ended")


@contextmanager
def following(site, channel_id, cursor=None, headers=None, **parameters):
    if cursor is not None:
        parameters["last_update_ts"] = repr(cursor)
    url = f"{site.url}/wagtail_live/stream/{channel_id}/"
    with httpx.stream(
        "GET", url, params=parameters, headers=headers, timeout=TIMEOUT
    ) as answer:
        yield Events(answer)


def test_an_update_is_an_event_with_its_cursor(site, match_page):
    cursor = match_page.last_update_timestamp
    with following(site, match_page.channel_id, cursor) as events:
        assert set(events.next()) == {"retry"}
        post = match_page.add_live_post("<p>Goal\nfor us</p>")
        event = events.next()
        assert set(event) == {"id", "data"}
        assert event["id"] == repr(match_page.last_update_timestamp)
        update = json.loads(event["data"])
        assert update["lastUpdateTimestamp"] == match_page.last_update_timestamp
        assert list(update["updates"]) == [str(post.pk)]
        assert update["removals"] == []
        assert "head" not in update
        match_page.delete_live_post(post)
        update = json.loads(events.next_update()["data"])
        assert update["removals"] == [str(post.pk)]


def test_the_overview_is_sent_with_updates_if_requested(site, match_page):
    cursor = match_page.last_update_timestamp
    with following(site, match_page.channel_id, cursor, head=1) as events:
        match_page.add_live_post("<p>Kick-off</p>")
        update = json.loads(events.next_update()["data"])
        assert update["state"] == "live"


def test_the_stream_sets_a_retry_delay(site, match_page):
    delays = set()
    for _ in range(4):
        with following(site, match_page.channel_id, 1.0) as events:
            delays.add(int(events.next()["retry"]))
    assert all(1000 <= delay <= 5000 for delay in delays)
    assert len(delays) > 1, "readers must not come back all at once"


def test_the_last_event_id_takes_precedence_over_the_url(site, match_page):
    start = match_page.last_update_timestamp
    match_page.add_live_post("<p>Seen</p>")
    resume = {"Last-Event-ID": repr(match_page.last_update_timestamp)}
    missed = match_page.add_live_post("<p>Missed</p>")
    for cursor in (start, None):
        with following(site, match_page.channel_id, cursor, resume) as events:
            update = json.loads(events.next_update()["data"])
            assert list(update["updates"]) == [str(missed.pk)]


def test_an_unknown_cursor_gets_the_full_form(site, match_page):
    post = match_page.add_live_post("<p>Kick-off</p>")
    with following(site, match_page.channel_id, 9999999999.5) as events:
        update = json.loads(events.next_update()["data"])
        assert update["currentPosts"] == [str(post.pk)]


def test_proxies_must_neither_keep_nor_change_the_stream(site, match_page):
    """N3, P5: headers that make proxies pass events on at once."""
    cursor = match_page.last_update_timestamp
    with following(site, match_page.channel_id, cursor) as events:
        answer = events.answer
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-cache, no-transform"
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert "Set-Cookie" not in answer.headers
        assert "Content-Length" not in answer.headers


def test_heartbeats_keep_a_quiet_stream_open(site, match_page, short_waits):
    """N2: a comment before any proxy's patience ends."""
    cursor = match_page.last_update_timestamp
    with following(site, match_page.channel_id, cursor) as events:
        assert "retry" in events.next()
        assert [events.next() for _ in range(3)] == [{":": ""}] * 3
        match_page.add_live_post("<p>Goal</p>")
        assert "Goal" in events.next_update()["data"]


def test_a_stream_ends_after_its_life(site, match_page, monkeypatch, short_waits):
    """N5: streams move to new processes by themselves."""
    monkeypatch.setattr(streams, "MAX_LIFETIME", 0.5)
    cursor = match_page.last_update_timestamp
    started = time.monotonic()
    with following(site, match_page.channel_id, cursor) as events:
        while events.next() is not None:
            assert time.monotonic() - started < TIMEOUT
    assert time.monotonic() - started > 0.3
    wait_until(lambda: limits.count() == 0)


def test_readers_of_an_unpublished_page_are_disconnected(site, match_page, short_waits):
    cursor = match_page.last_update_timestamp
    with following(site, match_page.channel_id, cursor) as events:
        assert "retry" in events.next()
        match_page.unpublish()
        assert events.next_update() == {"event": "gone", "data": "{}"}
        assert events.next() is None
    wait_until(lambda: limits.count() == 0)


@pytest.fixture
def members_page(match_page, reporter):
    restriction = match_page.view_restrictions.create(restriction_type="groups")
    restriction.groups.set(reporter.groups.all())
    return match_page


def test_a_member_follows_a_restricted_page_until_access_ends(
    site, members_page, reporter, client, short_waits
):
    client.force_login(reporter)
    cookies = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    channel_id, cursor = members_page.channel_id, members_page.last_update_timestamp
    with following(site, channel_id, cursor, cookies) as events:
        members_page.add_live_post("<p>Among us</p>")
        assert "Among us" in events.next_update()["data"]
        reporter.groups.clear()
        members_page.add_live_post("<p>Members only</p>")
        assert events.next_update() == {"event": "gone", "data": "{}"}
        assert events.next() is None


def test_a_member_who_logs_out_is_disconnected(
    site, members_page, reporter, client, short_waits
):
    client.force_login(reporter)
    cookies = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    channel_id, cursor = members_page.channel_id, members_page.last_update_timestamp
    with following(site, channel_id, cursor, cookies) as events:
        assert "retry" in events.next()
        client.logout()
        assert events.next_update() == {"event": "gone", "data": "{}"}


def test_a_page_that_becomes_private_disconnects_the_public(
    site, match_page, short_waits
):
    cursor = match_page.last_update_timestamp
    with following(site, match_page.channel_id, cursor) as events:
        assert "retry" in events.next()
        match_page.view_restrictions.create(restriction_type="login")
        assert events.next_update() == {"event": "gone", "data": "{}"}
        assert events.next() is None


def test_readers_of_a_page_below_an_alias_follow(site, page_below_alias):
    cursor = page_below_alias.last_update_timestamp
    with following(site, page_below_alias.channel_id, cursor) as events:
        page_below_alias.add_live_post("<p>Goal</p>")
        assert "Goal" in events.next_update()["data"]


def test_channels_without_access_are_not_found(site, match_page, members_page):
    answers = set()
    for channel_id in ("unknown", members_page.channel_id):
        with following(site, channel_id, 1.0) as events:
            answers.add((events.answer.status_code, events.answer.read()))
            assert events.answer.headers["Cache-Control"] == "no-store"
    assert answers == {(404, b'{"error":"There is no live page here."}')}


def test_a_bad_cursor_is_refused(site, match_page, subtests):
    for cursor in (None, "", "yesterday", "nan"):
        headers = {"Last-Event-ID": cursor} if cursor else {}
        with (
            subtests.test(cursor=cursor),
            following(site, match_page.channel_id, None, headers) as events,
        ):
            assert events.answer.status_code == 400
            assert "last_update_ts" in json.loads(events.answer.read())["error"]


def test_compression_does_not_hold_events_back(transactional_db, match_page, settings):
    gzip = "django.middleware.gzip.GZipMiddleware"
    settings.MIDDLEWARE = [gzip, *settings.MIDDLEWARE]
    cursor = match_page.last_update_timestamp
    headers = {"Accept-Encoding": "gzip"}
    with (
        SiteInProcess() as site,
        following(site, match_page.channel_id, cursor, headers) as events,
    ):
        assert "retry" in events.next()
        for number in range(3):
            match_page.add_live_post(f"<p>Goal {number}</p>")
            assert f"Goal {number}" in events.next_update()["data"]
        assert events.answer.headers["Content-Encoding"] != "gzip"
    close_hub()


def test_readers_under_wsgi_have_to_poll(client, match_page):
    answer = client.get(
        f"/wagtail_live/stream/{match_page.channel_id}/",
        {"last_update_ts": match_page.last_update_timestamp},
    )
    assert answer.status_code == 501
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    assert "ASGI" in answer.json()["error"]
    assert limits.count() == get_hub().count_readers() == 0


def test_a_stream_that_never_starts_takes_no_slot(
    transactional_db, async_rf, match_page
):
    request = async_rf.get("/", {"last_update_ts": "1"})
    view = EventStreamPublisher.as_view()
    async_to_sync(view)(request, channel_id=match_page.live_channel.channel_id)
    assert limits.count() == 0
