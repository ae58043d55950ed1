"""What happens to a poll while it waits, and to its connection."""

import logging
from contextlib import ExitStack

import httpx
import pytest
from websockets.sync.client import connect

from tests.delivery.protocol.conftest import (
    Client,
    CountingProtocol,
    get,
    start,
)
from tests.servers import wait_until
from tests.servers.in_process import SiteInProcess
from wagtail_live.delivery import polls, protocol, transports
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.delivery.limits import limits
from wagtail_live.monitoring.counters import counters


@pytest.fixture
def site(sites, match_page):
    """The site under our class; the hub knows the page."""
    with Client(sites.ours) as client:
        client.ask(get(match_page, "0"))
    return sites.ours


@pytest.fixture
def client(site):
    with Client(site) as client:
        yield client


def until_waiting(count=1):
    wait_until(lambda: get_hub().count_readers() == limits.count() == count)


def test_pages_polls_and_a_stream_on_one_connection(client, match_page):
    handshake = get(match_page).replace(b"GET", b"POST", 1)
    handshake = handshake.replace(b"Host", b"Content-Length: 0\r\nHost")
    for number in range(1, 4):
        assert b"livePosts" in client.ask(handshake)
        client.send(get(match_page))
        until_waiting()
        match_page.add_live_post(f"<p>Goal {number}</p>")
        assert b"Goal %d" % number in client.read()
        assert limits.count() == 0
    assert CountingProtocol.answered >= 3
    client.send(get(match_page, path="stream"))
    until_waiting()
    match_page.add_live_post("<p>The end</p>")
    received = b""
    while b"The end" not in received:
        received += client.socket.recv(65536)


def test_a_websocket_after_a_poll(site, match_page):
    CountingProtocol.answered = 0
    cursor = repr(match_page.last_update_timestamp)
    match_page.add_live_post("<p>Goal</p>")
    client = Client(site)
    assert b"Goal" in client.ask(get(match_page, cursor))
    path = f"/wagtail_live/socket/{match_page.channel_id}/"
    url = f"ws://localhost:{site.port}{path}?last_update_ts={cursor}"
    with connect(url, sock=client.socket) as reader:
        assert "Goal" in reader.recv(timeout=30)
    wait_until(lambda: limits.count() == 0)
    wait_until(lambda: protocol.watchdog.is_idle)


def test_an_update_between_two_polls(client, match_page):
    cursor = repr(match_page.last_update_timestamp)
    for number in range(20):
        match_page.add_live_post(f"<p>Goal {number}</p>")
        response = client.ask(get(match_page, cursor))
        assert response.count(b'"show":true') == 1, "neither lost nor repeated"
        assert f"Goal {number}<".encode() in response
        cursor = response.rpartition(b":")[2].decode().removesuffix("}")


def test_a_second_request_does_not_wait_for_the_first(client, match_page):
    """uvicorn answers both, in their order."""
    client.send(get(match_page))
    until_waiting()
    client.send(get(match_page, "0") + get(match_page, "x"))
    until_waiting()
    match_page.add_live_post("<p>Goal</p>")
    first, second, third = (client.read() for _ in range(3))
    assert b'"removals"' in first
    assert b"Welcome" in second
    assert third.startswith(b"HTTP/1.1 400 ")
    assert limits.count() == 0


def test_a_reader_who_leaves_waits_no_more(site, match_page):
    with Client(site) as client:
        client.send(get(match_page))
        until_waiting()
    until_waiting(0)


def test_other_requests_need_not_wait_for_all_answers(site, match_page, monkeypatch):
    """Each time, so many readers are answered at once."""
    answered, monitored = [], []
    monkeypatch.setattr(polls, "READERS_AT_ONCE", 2)
    write = polls.Poll.write

    def write_and_count(poll, *arguments, **options):
        poll.loop.call_soon(lambda: monitored.append(len(answered)))
        answered.append(poll)
        write(poll, *arguments, **options)

    with ExitStack() as stack:
        clients = [stack.enter_context(Client(site)) for _ in range(7)]
        for client in clients:
            client.send(get(match_page))
        until_waiting(7)
        monkeypatch.setattr(polls.Poll, "write", write_and_count)
        match_page.add_live_post("<p>Goal</p>")
        for client in clients:
            assert b"Goal" in client.read()
        wait_until(lambda: len(monitored) == 7)
    assert monitored == [2, 2, 4, 4, 6, 6, 7]


def test_a_filter_of_the_access_log_that_fails_concerns_one_reader(
    site, match_page, monkeypatch
):
    failed = []

    def fail_once(record):
        if not failed:
            failed.append(record)
            raise ValueError

        return True

    with ExitStack() as stack:
        clients = [stack.enter_context(Client(site)) for _ in range(3)]
        for client in clients:
            client.send(get(match_page))
        until_waiting(3)
        logger = logging.getLogger("uvicorn.access")
        monkeypatch.setattr(logger, "disabled", False)
        monkeypatch.setattr(logger, "level", logging.INFO)
        logger._cache.clear()
        logger.addFilter(fail_once)
        stack.callback(logger.removeFilter, fail_once)
        stack.callback(logger._cache.clear)
        match_page.add_live_post("<p>Goal</p>")
        assert sorted(b"Goal" in client.read() for client in clients) == [0, 1, 1]
    assert failed
    assert limits.count() == 0


def test_a_page_that_becomes_private(client, match_page):
    client.send(get(match_page))
    until_waiting()
    CountingProtocol.answered = 0
    match_page.view_restrictions.create(restriction_type="login")
    assert client.read().startswith(b"HTTP/1.1 404 ")
    assert CountingProtocol.answered == 1
    assert limits.count() == 0
    match_page.add_live_post("<p>Secret</p>")
    assert client.ask(get(match_page, "0")).startswith(b"HTTP/1.1 404 ")
    assert CountingProtocol.answered == 1, "the second poll is left to Django"


def test_updates_that_are_switched_off(client, match_page, settings):
    settings.WAGTAIL_LIVE_ENABLED = False
    assert client.ask(get(match_page)).startswith(b"HTTP/1.1 204 ")


@pytest.mark.parametrize("proxies", [0, 1])
def test_one_reader_too_many(site, match_page, settings, proxies):
    settings.WAGTAIL_LIVE_TRUSTED_PROXIES = proxies
    settings.WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS = 1
    refused = counters.refused_readers
    with Client(site) as first, Client(site) as second:
        first.send(get(match_page, None, "X-Forwarded-For: 192.0.2.1"))
        until_waiting()
        response = second.ask(get(match_page, None, "X-Forwarded-For: 192.0.2.1"))
        assert response.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 10\r\n" in response
        assert counters.refused_readers == refused + 1
        second.send(get(match_page, None, "X-Forwarded-For: 192.0.2.2"))
        until_waiting(2)
        match_page.add_live_post("<p>Goal</p>")
        assert b"Goal" in first.read()
        assert b"Goal" in second.read()


def test_the_proxys_address_is_not_the_readers(transactional_db, match_page, settings):
    settings.WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS = 1
    options = {"forwarded_allow_ips": "192.0.2.9"}
    with (
        start(CountingProtocol, **options) as site,
        Client(site) as first,
        Client(site) as second,
    ):
        first.ask(get(match_page, "0"))
        first.send(get(match_page, None, "X-Forwarded-For: 192.0.2.1"))
        until_waiting()
        poll = get(match_page, None, "X-Forwarded-For: 192.0.2.2")
        assert second.ask(poll).startswith(b"HTTP/1.1 503 ")
        first.socket.close()
        until_waiting(0)
    close_hub()


def test_an_idle_connection_is_closed(transactional_db, match_page):
    with start(CountingProtocol, timeout_keep_alive=1) as site, Client(site) as client:
        client.ask(get(match_page, "0"))
        client.send(get(match_page))
        until_waiting()
        match_page.add_live_post("<p>Goal</p>")
        assert b"Goal" in client.read()
        assert client.read() == b""
    close_hub()


def test_readers_are_sent_away_when_the_server_stops(
    transactional_db, match_page, monkeypatch
):
    monkeypatch.setattr(protocol, "STOP_TIME", 0.5)  # less than the server waits
    CountingProtocol.answered = 0
    with start(CountingProtocol) as site:
        clients = [Client(site) for _ in range(10)]
        clients[0].ask(get(match_page, "0"))
        for client in clients:
            client.send(get(match_page))
        until_waiting(10)
        site.stop()
        for client in clients:
            response = client.read()
            assert b"timeOutReached" in response
            assert b"connection: close\r\n" in response
            assert client.read() == b""
            client.socket.close()
    assert CountingProtocol.answered == 10
    close_hub()


def test_a_reader_who_does_not_read_is_disconnected(
    site, match_page, monkeypatch, settings
):
    monkeypatch.setattr(transports, "SEND_TIMEOUT", 0.5)
    cursor = repr(match_page.last_update_timestamp)
    wait_until(lambda: len(connections_of(site)) == 0)
    clients = [Client(site) for _ in range(3)]
    for client in clients:
        client.send(get(match_page))
    until_waiting(3)
    for _ in range(60):
        match_page.add_live_post(f"<p>{'x' * 90_000}</p>")
    wait_until(lambda: limits.count() == 0)
    for client in clients:
        for _ in range(3):
            client.send(get(match_page, cursor))
    wait_until(lambda: len(connections_of(site)) == 0)


def connections_of(site):
    return site._server.server_state.connections


@pytest.mark.parametrize("limit", ["limit_concurrency", "limit_max_requests"])
def test_uvicorns_own_limits_hold(transactional_db, match_page, limit):
    with start(CountingProtocol, **{limit: 3}) as site:
        answers = []
        for _ in range(3):
            with Client(site) as client:
                answers.append(client.ask(get(match_page, "0")))
        assert {answer[:12] for answer in answers} == {b"HTTP/1.1 200"}
        if limit == "limit_max_requests":
            wait_until(lambda: not site._thread.is_alive())
        else:
            clients = [Client(site) for _ in range(3)]
            assert clients[-1].ask(get(match_page, "0")).startswith(b"HTTP/1.1 503 ")
            for client in clients:
                client.socket.close()
    close_hub()


class Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def test_the_access_log_has_uvicorns_lines(transactional_db, match_page):
    lines = Lines()
    logger = logging.getLogger("uvicorn.access")
    poll = get(match_page, "0", "X-Forwarded-For: 192.0.2.1")
    for protocol_class in ("httptools", CountingProtocol):
        with start(protocol_class, root_path="/a b") as site, Client(site) as client:
            logger.addHandler(lines)
            logger.setLevel("INFO")
            for _ in range(2):
                client.ask(poll)
            logger.removeHandler(lines)
    assert len(lines.lines) == 4
    assert len(set(lines.lines)) == 1
    close_hub()


def test_middleware_around_ours_sees_all_requests(transactional_db, match_page):
    class Around:
        def __init__(self, application):
            self.application = application

        async def __call__(self, scope, receive, send):
            await self.application(scope, receive, send)

    CountingProtocol.answered = 0
    with SiteInProcess(Around, http=CountingProtocol, counts=False) as site:
        url = f"{site.url}/wagtail_live/get-updates/{match_page.channel_id}/"
        for _ in range(2):
            httpx.get(url, params={"last_update_ts": 1})
    assert CountingProtocol.answered == 0
    close_hub()


def test_polls_through_a_push_engine_are_left_to_the_site(client, match_page, settings):
    settings.WAGTAIL_LIVE_GRIP = {"control_uri": "http://127.0.0.1:1/", "key": "a" * 32}
    cursor = repr(match_page.last_update_timestamp)
    match_page.add_live_post("<p>Goal</p>")
    wait_until(
        lambda: get_hub().knows(match_page.channel_id, match_page.last_updated_at)
    )
    CountingProtocol.answered = 0
    client.ask(get(match_page, cursor, "Grip-Sig: a"))
    assert CountingProtocol.answered == 0
    client.ask(get(match_page, cursor))
    assert CountingProtocol.answered == 1
