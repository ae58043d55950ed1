"""Both protocol classes send the same bytes, but for the date."""

import time
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.delivery.protocol.conftest import LAST, CountingProtocol, get
from tests.delivery.test_odd_requests import HEADERS, QUERIES
from tests.servers import wait_until
from wagtail_live.delivery.hub import get_hub
from wagtail_live.delivery.polls import HeaderParser

ALLOWED = "https://app.example"
SOME = hypothesis_settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def site_settings(settings):
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 0.1
    settings.WAGTAIL_LIVE_ALLOWED_ORIGINS = [ALLOWED]


@pytest.fixture
def start(sites, match_page):
    """A cursor before a post that the hub remembers."""
    cursor = repr(match_page.last_update_timestamp)
    ask_both(sites, get(match_page, "0"))
    match_page.add_live_post("<p>Kick-off</p>")
    match_page.add_live_post("<p>„Tor!“</p>")
    newest = match_page.last_updated_at
    wait_until(lambda: get_hub().knows(match_page.channel_id, newest))
    CountingProtocol.answered = 0
    return cursor


def ask_both(sites, *requests):
    """Make the requests on one connection to each site; return the responses."""
    plain, ours = sites.connect()
    with plain, ours:
        responses = []
        for data in requests:
            plain.send(data)
            response = ours.ask(data)
            assert response == plain.read(is_head=data.startswith(b"HEAD"))
            responses.append(response)
        return responses


USUAL = [
    [],
    ["Accept: */*", "Accept-Language: de", "User-Agent: Firefox", "Cookie: a=b"],
    [f"Origin: {ALLOWED}"],
    ["Origin: https://other.example"],
    ["Connection: keep-alive"],
    ["X-Forwarded-For: 192.0.2.1, 192.0.2.2", "X-Forwarded-Proto: https"],
]


def test_the_usual_polls_are_answered_without_a_task(
    sites, match_page, start, subtests
):
    for number, headers in enumerate(USUAL, start=1):
        polls = get(match_page, start, *headers), get(match_page, None, *headers)
        with subtests.test(headers=headers):
            update, timeout = ask_both(sites, *polls)
            assert "Kick-off" in update.decode()
            assert b"timeOutReached" in timeout
            assert CountingProtocol.answered == 2 * number


UNUSUAL = {
    "HEAD": lambda poll: poll.replace(b"GET", b"HEAD"),
    "POST": lambda poll: poll.replace(b"GET", b"POST").replace(
        b"Host", b"Content-Length: 0\r\nHost"
    ),
    "another method": lambda poll: poll.replace(b"GET", b"PUT"),
    "lower case": lambda poll: poll.replace(b"GET", b"get"),
    "no host": lambda poll: poll.replace(b"Host: localhost\r\n", b""),
    "bad host": lambda poll: poll.replace(b"localhost", b"local host"),
    "two hosts": lambda poll: poll.replace(b"Host", b"Host: a\r\nHost"),
    "HTTP/1.0": lambda poll: poll.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "HTTP/2": lambda poll: poll.replace(
        b"HTTP/1.1\r\n", b"HTTP/2.0\r\nConnection: close\r\n"
    ),
    "closing": lambda poll: poll.replace(b"Host", b"Connection: close\r\nHost"),
    "expecting": lambda poll: poll.replace(b"Host", b"Expect: 100-continue\r\nHost"),
    "a body": lambda poll: poll.replace(b"Host", b"Content-Length: 2\r\nHost") + b"hi",
    "no body": lambda poll: poll.replace(b"Host", b"Content-Length: 0\r\nHost"),
    "chunks": lambda poll: (
        poll.replace(b"Host", b"Transfer-Encoding: chunked\r\nHost") + b"0\r\n\r\n"
    ),
    "upgrade": lambda poll: poll.replace(
        b"Host", b"Connection: Upgrade\r\nUpgrade: h2c\r\nHost"
    ),
    "no colon": lambda poll: poll.replace(b"Host", b"Nonsense\r\nHost"),
    "a folded line": lambda poll: poll.replace(b"Host", b"A: b\r\n c\r\nHost"),
    "line feeds": lambda poll: poll.replace(b"\r\n", b"\n"),
    "a blank line before": lambda poll: b"\r\n" + poll,
    "a NUL": lambda poll: poll.replace(b"Host", b"A: \0\r\nHost"),
    "an absolute URL": lambda poll: poll.replace(b"GET ", b"GET http://localhost"),
    "two spaces": lambda poll: poll.replace(b"GET ", b"GET  "),
    "a fragment": lambda poll: poll.replace(b" HTTP", b"#a HTTP"),
    "an encoded path": lambda poll: poll.replace(b"updates/", b"updates/%41"),
    "two slashes": lambda poll: poll.replace(b"/wagtail", b"//wagtail"),
    "no slash": lambda poll: poll.replace(b"/?", b"?"),
    "an unknown channel": lambda poll: poll.replace(b"/?", b"x/?"),
    "a bad cursor": lambda poll: poll.replace(b"_ts=", b"_ts=x"),
    "no cursor": lambda poll: poll.replace(b"_ts=", b"_t="),
    "the full form": lambda poll: poll.replace(b"delta=1", b"delta=0"),
    "an old cursor": lambda poll: poll.replace(b"_ts=", b"_ts=1&last_update_ts="),
    "a long query": lambda poll: poll.replace(b"delta", b"a=" + b"b" * 300 + b"&delta"),
    "a long header": lambda poll: poll.replace(
        b"Host", b"A: " + b"b" * 5000 + b"\r\nHost"
    ),
    "a poll at intervals": lambda poll: poll.replace(b"get-updates", b"poll"),
}


def test_unusual_requests(sites, match_page, start, subtests):
    for name, change in UNUSUAL.items():
        with subtests.test(name):
            ask_both(sites, change(get(match_page, start)), get(match_page, start))


def test_two_requests_are_not_taken_for_one():
    """Old versions of httptools take a line feed for the end of the headers."""
    parser = HeaderParser(b"Host: localhost\r\n\r\n")
    assert parser.is_complete
    parser._parser.feed_data(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert not parser.is_complete


def seconds_of_poll(client, page):
    started = time.monotonic()
    assert b"timeOutReached" in client.ask(get(page))
    return time.monotonic() - started


@pytest.mark.parametrize("timeout", [0, 0.1])
def test_short_time_outs_are_exact(sites, match_page, start, settings, timeout):
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = timeout
    for client in sites.connect():
        with client:
            seconds = [seconds_of_poll(client, match_page) for _ in range(10)]
            assert sum(seconds) >= 10 * timeout
            assert median(seconds) < timeout + 0.4, "they wait for the next round"
    assert CountingProtocol.answered == 10


def exchange(client, pieces):
    for piece in pieces:
        client.send(piece)
    return client.read_all()


@SOME
@given(data=st.data())
def test_requests_in_any_pieces(sites, match_page, start, data):
    polls = [get(match_page, start), get(match_page, start, "Origin: null")]
    requests = b"".join(data.draw(st.lists(st.sampled_from(polls), max_size=3))) + LAST
    places = st.sets(st.integers(1, len(requests) - 1), max_size=4)
    cuts = [0, *sorted(data.draw(places)), len(requests)]
    pieces = [requests[a:b] for a, b in pairwise(cuts)]
    plain, ours = sites.connect()
    with plain, ours:
        assert exchange(ours, pieces) == exchange(plain, pieces)


@SOME
@given(HEADERS, QUERIES)
def test_any_headers(sites, match_page, start, headers, query):
    lines = [f"{name}: {value}" for name, value in headers if name != "Upgrade"]
    poll = get(match_page, start, *lines)
    plain, ours = sites.connect()
    with plain, ours:
        pieces = [poll.replace(b"delta=1", query.encode("utf-8", "replace")), LAST]
        assert exchange(ours, pieces) == exchange(plain, pieces)


def test_configured_headers_and_a_root_path(transactional_db, match_page):
    from tests.delivery.protocol.conftest import Sites, start

    options = {"headers": [("Server", "ours"), ("X-A", "é")], "root_path": "/news"}
    with (
        start("httptools", **options) as plain,
        start(CountingProtocol, **options) as ours,
    ):
        sites = Sites(plain, ours)
        for _ in range(2):
            (response,) = ask_both(sites, get(match_page))
    assert b"server: ours\r\n" in response
