"""The same site twice: under uvicorn's own protocol class, and under ours."""

import re
import socket
from contextlib import suppress
from typing import NamedTuple

import pytest

from tests.load import wire
from tests.servers.in_process import TAKES_PROTOCOL_CLASSES, SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware, LongPollProtocol
from wagtail_live.delivery.hub import close_hub

if not TAKES_PROTOCOL_CLASSES:
    collect_ignore_glob = ["test_*.py"]

DATE = re.compile(rb"(?<=\r\n)date: [^\r]*\r\n")
TIMEOUT = 30  # seconds
LAST = b"GET /last/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class CountingProtocol(LongPollProtocol):
    """Counts the polls that it answers itself."""

    answered = 0

    def respond(self, poll, status, data, *, close):
        type(self).answered += 1
        super().respond(poll, status, data, close=close)


class Client:
    """A connection on which a client sends any bytes."""

    def __init__(self, site):
        self.socket = socket.create_connection(("127.0.0.1", site.port), TIMEOUT)
        self._rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def send(self, data):
        with suppress(ConnectionError):  # the server has closed the connection
            self.socket.sendall(data)

    def read(self, *, is_head=False):
        """Return the bytes of the next response, or of what came before the end."""
        while True:
            if size := response_size(self._rest, is_head):
                data, self._rest = self._rest[:size], self._rest[size:]
                return DATE.sub(b"", data)
            try:
                received = self.socket.recv(65536)
            except ConnectionError:
                received = b""
            if not received:
                data, self._rest = self._rest, b""
                return DATE.sub(b"", data)
            self._rest += received

    def ask(self, data):
        self.send(data)
        return self.read(is_head=data.startswith(b"HEAD"))

    def read_all(self):
        pieces = []
        while piece := self.read():
            pieces.append(piece)
        return b"".join(pieces)


def response_size(data, is_head):
    head = wire.parse_head(data)
    if head is None:
        return 0
    if is_head or head.status in (100, 204, 304):
        return head.size
    if head.is_chunked:
        _, rest, is_complete = wire.take_chunks(data[head.size :])
        return len(data) - len(rest) if is_complete else 0
    size = head.size + int(head.headers.get(b"content-length", 0))
    return size if len(data) >= size else 0


class Sites(NamedTuple):
    plain: SiteInProcess
    ours: SiteInProcess

    def connect(self):
        return Client(self.plain), Client(self.ours)


def start(protocol_class, **options):
    return SiteInProcess(
        LiveUpdatesMiddleware, counts=False, http=protocol_class, **options
    )


@pytest.fixture
def match_page(match_page):
    """A page with a post, so that there is an answer to a poll from the beginning."""
    match_page.add_live_post("<p>Welcome</p>")
    return match_page


@pytest.fixture(scope="module")
def running_sites():
    with start("httptools") as plain, start(CountingProtocol) as ours:
        yield Sites(plain, ours)


@pytest.fixture
def sites(transactional_db, settings, running_sites):
    CountingProtocol.answered = 0
    yield running_sites
    close_hub()


def get(page, cursor=None, *headers, path="get-updates", form="delta=1&"):
    """Return the bytes of a poll."""
    cursor = repr(page.last_update_timestamp) if cursor is None else cursor
    target = f"/wagtail_live/{path}/{page.channel_id}/?{form}last_update_ts={cursor}"
    lines = [f"GET {target} HTTP/1.1", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")
