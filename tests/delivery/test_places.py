"""A reader's place is taken for as long as the response lives, however it ends."""

import http.client
import socket

import httpx
import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction, markcoroutinefunction
from django.http import HttpResponse
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.client import connect

from tests.servers import wait_until
from tests.servers.in_process import SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.delivery.limits import NoSlot, ReaderLimits, limits
from wagtail_live.publishers.event_stream import EventStreamPublisher

WRAPS = {"middleware": LiveUpdatesMiddleware, "django": lambda application: application}
PATHS = ["get-updates", "stream", "poll", "socket"]
MANY = 12  # more readers than there are places
GZIP = "django.middleware.gzip.GZipMiddleware"


@pytest.fixture(autouse=True)
def few_places(transactional_db, settings):
    settings.WAGTAIL_LIVE_MAX_READERS = 3
    yield
    close_hub()


@pytest.fixture(params=WRAPS)
def site(request):
    """The site; ``ended`` counts the requests that are over."""
    ended = []

    def wrap(application):
        application = WRAPS[request.param](application)

        async def count(scope, receive, send):
            try:
                await application(scope, receive, send)
            finally:
                ended.append(scope["path"])

        return count

    with SiteInProcess(wrap) as site:
        site.ended = ended
        yield site


class ReplacingMiddleware:
    """Replaces each response of a stream by another, as after an error."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    async def __call__(self, request):
        response = await self.get_response(request)
        return HttpResponse(b"Sorry") if response.streaming else response


class WrappingMiddleware(ReplacingMiddleware):
    """Wraps the content of each response."""

    async def __call__(self, request):
        response = await self.get_response(request)
        if response.streaming:
            response.streaming_content = self.wrap(response.streaming_content)
        return response

    async def wrap(self, content):
        async for chunk in content:
            yield chunk


def path_of(page, path, cursor=None):
    cursor = cursor or page.last_update_timestamp
    return f"/wagtail_live/{path}/{page.channel_id}/?last_update_ts={cursor!r}&delta=1"


def open_request(site, target, more=""):
    connection = socket.create_connection(("127.0.0.1", site.port))
    head = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n"
    connection.sendall(head.encode())
    return connection


def until_free():
    wait_until(lambda: limits.count() == get_hub().count_readers() == 0)


@pytest.mark.parametrize("path", ["get-updates", "stream"])
def test_readers_who_leave_at_once_or_later_give_back_their_places(
    site, match_page, path
):
    target = path_of(match_page, path)
    for _ in range(MANY):
        open_request(site, target).close()
    wait_until(lambda: len(site.ended) == MANY)
    until_free()
    for _ in range(MANY):
        with open_request(site, target):
            wait_until(lambda: limits.count() == 1)
        wait_until(lambda: limits.count() == 0)
    until_free()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("more", ["", f"&x={'0' * 300}"])
def test_head_is_answered_at_once_and_takes_no_place(site, match_page, path, more):
    with limits.acquire("a", ""), limits.acquire("b", ""), limits.acquire("c", ""):
        for _ in range(MANY):
            response = httpx.head(site.url + path_of(match_page, path) + more)
            assert response.status_code == (426 if path == "socket" else 200)
            assert response.content == b""
    assert limits.count() == 0


def test_head_of_a_channel_without_access_is_not_found(site, match_page):
    match_page.view_restrictions.create(restriction_type="login")
    for path in ("get-updates", "stream", "poll"):
        assert httpx.head(site.url + path_of(match_page, path)).status_code == 404


def test_head_under_wsgi(client, match_page):
    answers = [client.head(path_of(match_page, path)) for path in PATHS]
    assert [answer.status_code for answer in answers] == [200, 501, 200, 426]
    assert limits.count() == 0


@pytest.mark.parametrize("middleware", ["Replacing", "Wrapping", "GZip"])
def test_streams_behind_middleware_give_back_their_places(
    match_page, settings, middleware
):
    name = GZIP if middleware == "GZip" else f"{__name__}.{middleware}Middleware"
    settings.MIDDLEWARE = [name, *settings.MIDDLEWARE]
    target = path_of(match_page, "stream")
    with SiteInProcess() as site:
        for _ in range(MANY):
            with httpx.stream("GET", site.url + target) as answer:
                assert answer.status_code == 200
                assert next(answer.iter_raw())
            wait_until(lambda: limits.count() == 0)
    until_free()


@pytest.fixture
def stream(async_rf, match_page):
    """Return the response of the view."""
    view = EventStreamPublisher.as_view()
    channel_id, cursor = match_page.channel_id, match_page.last_update_timestamp
    return lambda: async_to_sync(view)(
        async_rf.get("/", {"last_update_ts": repr(cursor)}), channel_id=channel_id
    )


@pytest.fixture
def full_site():
    with limits.acquire("a", ""), limits.acquire("b", ""), limits.acquire("c", ""):
        yield


async def read(response):
    return [event async for event in response]


def test_a_stream_that_nobody_reads_takes_no_place(stream):
    """Django drops the response of a reader who leaves at once."""
    responses = [stream() for _ in range(MANY)]
    assert {response.status_code for response in responses} == {200}
    assert limits.count() == 0


def test_a_full_site_refuses_a_stream_before_it_starts(stream, full_site):
    assert stream().status_code == 503, "not an empty stream"


def test_a_stream_that_finds_the_site_full_ends_at_once(stream, request):
    response = stream()
    request.getfixturevalue("full_site")
    assert async_to_sync(read)(response) == []
    assert limits.count() == 3


def test_a_stream_that_is_closed_unread_keeps_no_place(stream):
    stream().close()
    assert limits.count() == 0


def test_a_slot_is_given_back_once(settings):
    readers = ReaderLimits()
    slot, other = readers.acquire("a", ""), readers.acquire("a", "")
    for _ in range(3):
        slot.release()
    with slot:
        pass
    del slot
    assert readers.count() == 1
    del other
    assert readers.count() == 0


def test_a_slot_of_before_a_reset_is_not_given_back_after_it():
    readers = ReaderLimits()
    slot = readers.acquire("a", "")
    readers.reset()
    new = readers.acquire("a", "")
    slot.release()
    assert readers.count() == 1
    new.release()


NEIGHBOURS = [
    ("2001:db8::1", "2001:db8::ffff:1:2:3", True),
    ("2001:db8::1", "2001:db8:0:1::1", False),
    ("::ffff:192.0.2.1", "192.0.2.1", True),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ("192.0.2.1", "192.0.2.2", False),
    ("fe80::1%eth0", "fe80::2%eth0", True),
    ("no address", "no address", True),
    ("x" * 9000, "x" * 9001, True),
]


@pytest.mark.parametrize(("one", "other", "is_same"), NEIGHBOURS)
def test_neighbours_in_an_ipv6_network_count_as_one_address(
    settings, one, other, is_same
):
    settings.WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS = 1
    readers = ReaderLimits()
    with readers.acquire("match", one):
        if is_same:
            with pytest.raises(NoSlot):
                readers.acquire("match", other)
        else:
            readers.acquire("match", other).release()


def test_two_lines_of_forwarded_addresses_are_one_list(site, match_page, settings):
    settings.WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS = 1
    settings.WAGTAIL_LIVE_TRUSTED_PROXIES = 2
    target = path_of(match_page, "get-updates")
    with limits.acquire("other", "192.0.2.1"):
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        connection.putrequest("GET", target)
        connection.putheader("X-Forwarded-For", "spoofed, 192.0.2.1")
        connection.putheader("X-Forwarded-For", "198.51.100.1")
        connection.endheaders()
        assert connection.getresponse().status == 503
        connection.close()


def test_polls_of_gone_readers_end_under_wsgi(match_page, settings):
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 0.05
    for _ in range(MANY):
        answer = Client().get(path_of(match_page, "get-updates"))
        assert answer.json() == {"timeOutReached": "Timeout duration reached."}
    assert limits.count() == 0


# At once: a client that is cut off while it sends may not read the reason any more.
FLOODS = {
    "messages": Frame(Opcode.BINARY, b"x").serialize(mask=True) * 200,
    "bytes": Frame(Opcode.BINARY, b"x" * 100_000).serialize(mask=True) * 3,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_socket_that_floods_is_closed(match_page, flood, monkeypatch):
    # A busy machine may take longer to send the reason.
    monkeypatch.setattr("wagtail_live.delivery.requests.CLOSE_TIMEOUT", 30)
    with SiteInProcess(LiveUpdatesMiddleware) as site:
        url = f"ws://127.0.0.1:{site.port}{path_of(match_page, 'socket')}"
        with connect(url) as reader:
            assert close_code_after(reader, flood) == 1008
        until_free()


def close_code_after(reader, flood):
    try:
        reader.socket.sendall(flood)
        while True:
            reader.recv(timeout=30)
    except ConnectionClosed as closed:
        return closed.rcvd.code


def test_a_poll_with_an_endless_body_is_disconnected(match_page):
    with SiteInProcess(LiveUpdatesMiddleware) as site:
        request = open_request(
            site,
            path_of(match_page, "get-updates"),
            more="Content-Length: 99999999\r\n",
        )
        with request:
            assert is_disconnected_while_sending(request)
        until_free()


def is_disconnected_while_sending(connection):
    connection.settimeout(30)
    try:
        for _ in range(99999999 // 65536):
            connection.sendall(b"x" * 65536)
    except TimeoutError:
        return False
    except OSError:
        return True
    return False
