"""Event streams that are written straight to the connection."""

import re
import ssl
import subprocess
from contextlib import ExitStack, suppress

import pytest

from tests.publishers.raw import (
    RawReader,
    direct_streams,
    make_send_buffers_small,
    publish_large,
)
from tests.servers import find_program, wait_until
from tests.servers.in_process import TAKES_PROTOCOL_CLASSES, SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery import direct
from wagtail_live.delivery.direct import DirectStream
from wagtail_live.delivery.hub import get_hub
from wagtail_live.delivery.limits import limits
from wagtail_live.delivery.watch import Position
from wagtail_live.delivery.wire import Answer


@pytest.fixture(scope="module")
def running_site():
    with SiteInProcess(LiveUpdatesMiddleware, http="httptools") as site:
        make_send_buffers_small(site)
        yield site


def test_one_update_at_most_is_kept_for_a_slow_reader(site, match_page):
    with RawReader(site, match_page), RawReader(site, match_page) as fast:
        publish_large(match_page, 1)
        fast.until_update(match_page)
        size = len(fast.data)
        for _ in range(5):
            publish_large(match_page, 1)
            fast.until_update(match_page)
        unread = [
            stream.transport.get_write_buffer_size() for stream in direct_streams(site)
        ]
        assert 0 < max(unread) <= size


def test_a_reader_who_keeps_sending_is_disconnected(site, match_page):
    with RawReader(site, match_page) as reader:
        with suppress(ConnectionError):
            for _ in range(100):
                reader.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        reader.until_end()
    wait_until(lambda: limits.count() == 0)


def test_a_waiting_reader_has_no_task(site, match_page):
    with RawReader(site, match_page):
        wait_until(lambda: not site.state.tasks)
        assert get_hub().count_readers() == limits.count() == 1


def test_a_reader_takes_no_answer_twice(site, match_page):
    """An answer may be on its way while a reader leaves the hub and comes back."""
    with RawReader(site, match_page) as reader:
        (stream,) = direct_streams(site)
        before = Position(stream.since, stream.wire_format, public=True)
        published = publish_large(match_page, 1)
        reader.until_update(match_page)
        late = Answer(b"data: late\n\n", stream.since)
        stream.loop.call_soon_threadsafe(DirectStream.take_all, [stream], late, before)
        published += publish_large(match_page, 1)
        reader.until_update(match_page)
        assert reader.post_ids == published
        assert b"late" not in reader.data


def test_updates_that_follow_fast_stay_in_order(site, match_page, monkeypatch):
    """Updates are written to some readers at a time, so several are on their way."""
    monkeypatch.setattr(direct, "READERS_AT_ONCE", 2)
    with ExitStack() as stack:
        readers = [stack.enter_context(RawReader(site, match_page)) for _ in range(11)]
        posts = [match_page.add_live_post(f"<p>Goal {n}</p>") for n in range(20)]
        for reader in readers:
            reader.until_update(match_page)
            assert reader.post_ids == [str(post.pk) for post in posts]


def test_a_server_that_stops_ends_its_streams(
    transactional_db, match_page, monkeypatch
):
    monkeypatch.setattr(direct, "DRAIN_TIME", 0.1)
    with ExitStack() as readers:
        with SiteInProcess(LiveUpdatesMiddleware, http="httptools") as other:
            reader = readers.enter_context(RawReader(other, match_page))
        assert reader.until_end().endswith(b"\r\n0\r\n\r\n")


def test_both_ways_send_the_same_bytes(site, match_page, settings, short_waits):
    with RawReader(site, match_page) as straight:
        assert direct_streams(site)
        settings.WAGTAIL_LIVE_DIRECT_STREAMS = False
        with RawReader(site, match_page) as by_send:
            assert len(direct_streams(site)) == 1
            match_page.add_live_post("<p>Goal</p>")
            for reader in (straight, by_send):
                reader.until_update(match_page)
            match_page.unpublish()
            data = straight.until_end(), by_send.until(b"0\r\n\r\n")
    assert len({normalised(each) for each in data}) == 1
    assert b"Goal" in data[0]


def normalised(data):
    """Leave out the date, the random delay, and heartbeats."""
    data = re.sub(rb"date: [^\r]*|retry: \d+", b"", data)
    return data.replace(b"3\r\n:\n\n\r\n", b"")


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_servers_on_two_event_loops_share_a_hub(site, match_page, loop):
    with (
        SiteInProcess(LiveUpdatesMiddleware, http="httptools", loop=loop) as other,
        RawReader(site, match_page) as left,
        RawReader(other, match_page) as right,
    ):
        assert direct_streams(site)
        assert direct_streams(other)
        published = publish_large(match_page, 3)
        for reader in (left, right):
            reader.until_update(match_page)
            assert reader.post_ids == published


def test_the_installed_uvicorn_is_written_to(site, match_page):
    """A new version that hides its connections, or handles them in another way, would
    silently make event streams dearer: see ``find_plain_transport``."""
    with RawReader(site, match_page):
        assert direct_streams(site)


@pytest.fixture
def certificate(tmp_path):
    names = ("-keyout", tmp_path / "key", "-out", tmp_path / "certificate")
    options = ("-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=localhost")
    command = [find_program("openssl"), "req", *options, *names]
    subprocess.run(command, check=True, capture_output=True)
    return {"ssl_keyfile": tmp_path / "key", "ssl_certfile": tmp_path / "certificate"}


LONG_POLLS = "wagtail_live.asgi:LongPollProtocol"
needs_protocol_classes = pytest.mark.skipif(
    not TAKES_PROTOCOL_CLASSES, reason="uvicorn is too old"
)


@pytest.mark.parametrize(
    ("other", "is_direct"),
    [
        ("h11", False),
        ("TLS", False),
        ("HTTP/1.0", False),
        ("asyncio", True),
        pytest.param(LONG_POLLS, True, marks=needs_protocol_classes),
    ],
)
def test_which_streams_are_sent_by_the_server(
    site, match_page, certificate, other, is_direct
):
    options, wrap = {"http": "httptools"}, lambda plain: plain
    if other in ("h11", LONG_POLLS):
        options["http"] = other
    if other == "TLS":
        options |= certificate
        wrap = trust_all().wrap_socket
    if other == "asyncio":
        options["loop"] = "asyncio"
    version = "1.0" if other == "HTTP/1.0" else "1.1"
    with (
        SiteInProcess(LiveUpdatesMiddleware, **options) as server,
        RawReader(server, match_page, version=version, wrap=wrap) as reader,
    ):
        assert bool(direct_streams(server)) == is_direct
        published = publish_large(match_page, 2)
        reader.until_update(match_page)
        assert reader.post_ids == published


def trust_all():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_a_large_body_does_not_hide_that_the_reader_leaves(site, match_page):
    """uvicorn stops reading when it has 64 KiB of a body."""
    with RawReader(site, match_page, body=b"x" * 100_000):
        assert direct_streams(site)
    wait_until(lambda: limits.count() == 0)
