"""Long polls without a task for each, as uvicorn's protocol class takes them.

A poll is recognised by its bytes: those of the headers stay the same, and readers at one
cursor send the same first line.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from copy import copy
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeAlias

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from .. import conf
from ..cursors import InvalidCursor
from .asgi import MAX_QUERY, match
from .direct import READERS_AT_ONCE
from .headers import encode_headers, is_allowed_host
from .hub import get_hub
from .limits import NoSlot, Slot, client_address, limits
from .requests import (
    SHORT_TIMEOUT,
    LongPoll,
    parse_cached_query,
)
from .responses import NO_SLOT, NOT_FOUND, TIMEOUT, Response
from .rounds import watchdog
from .watch import ASK_DATABASE, FORGOTTEN, GONE, Loop, Position, Reader
from .wire import Answer

MAX_REQUEST = 4096  # bytes
MAX_HEADERS = 4096  # that are remembered
END = b"\r\n\r\n"
# Other characters are left to uvicorn to decode.
FIRST_LINE = re.compile(rb"GET (/[\w.~/-]*)\?([\w.~&=-]*) HTTP/1\.1\r\n")

logger = logging.getLogger("wagtail_live.delivery")

Client: TypeAlias = tuple[str, int] | None


class Connection(Protocol):
    """A connection that takes one poll at a time."""

    client: Client
    is_stopping: bool
    loop: Any
    poll: Poll | None
    root_path: str
    server_state: Any
    transport: Any

    def respond(self, poll: Poll, status: int, data: bytes, *, close: bool) -> None:
        """Write the response to the poll."""

    def leave_to_uvicorn(self, data: bytes) -> None:
        """Let uvicorn answer a request that has waited."""


class FirstLine(NamedTuple):
    data: bytes
    channel_id: str
    position: Position


class HeaderLines(NamedTuple):
    """The headers, and what follows from them.

    ``origin`` is set if it is allowed, and ``client`` if a trusted proxy has told it.
    """

    data: bytes
    address: str
    origin: str | None
    client: Client


class Poll(Reader):
    """A reader on a connection who waits for one answer."""

    __slots__ = ("connection", "deadline", "first", "headers", "slot")

    def __init__(self, connection: Connection, first: FirstLine, headers: HeaderLines):
        self.loop = loop = connection.loop
        self.group = None
        self.connection: Connection | None = connection
        self.first = first
        self.headers = headers
        self.slot: Slot | None = None
        timeout = conf.get_polling_timeout()
        if timeout >= SHORT_TIMEOUT:
            timeout -= (
                watchdog.period
            )  # the next look is then not later than the time-out
        self.deadline = loop.time() + timeout
        connection.poll = self

    def take(self, result: Any) -> None:
        if self.connection is None:  # the reader has left meanwhile
            return
        if isinstance(result, Answer):
            self.respond(Response(result.body))
        elif result is None:
            self.respond(TIMEOUT)
        elif result is GONE:
            self.respond(NOT_FOUND)
        else:
            connection = self.connection
            connection.leave_to_uvicorn(self.leave())

    @classmethod
    def take_all(cls, readers: Iterable[Any], result: Any, position: Position) -> None:
        if not isinstance(result, Answer):
            return super().take_all(readers, result, position)
        answer_some(asyncio.get_running_loop(), iter(readers), Response(result.body))

    def respond(self, response: Response) -> None:
        """Respond to a reader who may still wait in the hub."""
        get_hub().remove(self)
        if connection := self.connection:
            close = connection.is_stopping or get_hub().is_draining
            origin = self.headers.origin
            data = render(response, connection.server_state, origin, close)
            self.write(response.status, data, close=close)

    def write(self, status: int, data: bytes, *, close: bool) -> None:
        if connection := self.connection:
            connection.poll = self.connection = self.group = None
            if self.slot:
                self.slot.release()
            try:
                connection.respond(self, status, data, close=close)
            except (
                Exception
            ):  # as of a filter of the access log; must not stop the others
                logger.exception("Can't respond to a poll.")
                connection.transport.abort()

    def leave(self) -> bytes:
        """Wait no more, and return the request."""
        get_hub().remove(self)
        if self.connection:
            self.connection.poll = None
            self.connection = None
        if self.slot:
            self.slot.release()
        return self.first.data + self.headers.data


def answer_some(loop: Loop, polls: Iterator[Poll], response: Response) -> None:
    """Respond to polls, some at a time: other requests must not wait for all of them."""
    rendered: dict[tuple, bytes] = {}
    is_draining = get_hub().is_draining
    some = list(islice(polls, READERS_AT_ONCE))
    for poll in some:
        if connection := poll.connection:  # the reader has not left meanwhile
            close = connection.is_stopping or is_draining
            key = connection.server_state, poll.headers.origin, close
            if key not in rendered:
                rendered[key] = render(response, *key)
            poll.write(response.status, rendered[key], close=close)
    if len(some) == READERS_AT_ONCE:
        loop.call_soon(answer_some, loop, polls, response)


def render(
    response: Response, server_state: Any, origin: str | None, close: bool
) -> bytes:
    """Return a response with the headers that uvicorn adds, in its order."""
    headers = [
        *server_state.default_headers,
        *encode_headers(response.status, response.headers, origin),
        (b"content-length", b"%d" % len(response.body)),
        *([(b"connection", b"close")] if close else []),
    ]
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"".join([STATUS_LINE[response.status], *lines, b"\r\n", response.body])


def begin(connection: Connection, data: bytes, proxy: Any = None) -> bool:
    """Take a request if it is a usual poll of a public channel that the hub watches.

    Everything else is left to uvicorn. ``proxy`` is its middleware that knows trusted
    proxies.
    """
    if len(data) > MAX_REQUEST or not data.endswith(END):
        return False
    end = data.find(b"\r\n") + 2
    first = read_first_line(data[:end], connection.root_path)
    hub = get_hub()
    if first is None or not hub.knows(first.channel_id, first.position.since):
        return False
    peer = connection.client[0] if connection.client else None
    headers = read_headers(data[end:], proxy, peer)
    if headers is None or not conf.is_enabled():
        return False
    poll = Poll(connection, first, headers)
    try:
        poll.slot = limits.acquire(first.channel_id, headers.address)
    except NoSlot:
        poll.respond(NO_SLOT)
        return True
    result = hub.add(first.channel_id, poll, first.position)
    if result is FORGOTTEN or result is ASK_DATABASE:
        poll.leave()
        return False
    if result is not None:
        poll.take(result)
    elif (timeout := conf.get_polling_timeout()) < SHORT_TIMEOUT:
        poll.loop.call_later(timeout, poll.take, None)
    return True


@partial(conf.read_once, maxsize=1024)
def read_first_line(data: bytes, root_path: str) -> FirstLine | None:
    """Return the channel and the cursor; ``None`` if uvicorn has to look at it."""
    found = FIRST_LINE.fullmatch(data)
    if found is None:
        return None
    path, query = (part.decode() for part in found.groups())
    scope = {"type": "http", "method": "GET"}
    request_class, channel_id = match(
        {**scope, "path": root_path + path, "root_path": root_path}
    )
    if request_class is not LongPoll or len(query) > MAX_QUERY:
        return None
    try:
        since, wire_format = parse_cached_query(query)
    except InvalidCursor:
        return None
    return FirstLine(data, channel_id, Position(since, wire_format, True))


@partial(conf.read_once, maxsize=MAX_HEADERS)
def read_headers(data: bytes, proxy: Any, peer: str | None) -> HeaderLines | None:
    """Return the headers of a request from an address; ``None`` if one is unusual."""
    lines = parse_headers(data)
    if lines is None or data.find(END) != len(data) - len(END):
        return None
    engine = conf.get_engine()
    if engine and engine.header.lower().encode() in dict(lines):
        return None  # a view tells the push engine to hold it
    client = (peer, -1) if peer else None
    scope: dict[str, Any] = {"type": "http", "client": client, "headers": lines}
    if proxy:
        tell_client(proxy, scope)
    scope["query_string"] = b""
    request: Any = LongPoll(scope, None, None, "")  # type: ignore[arg-type]
    if request.has_body or not is_allowed_host(request.host):
        return None
    origin = request.origin if request.origin in conf.get_allowed_origins() else None
    address = client_address(*request.address)
    told = scope["client"] if scope["client"] != client else None
    return HeaderLines(data, address, origin, told)


class HeaderParser:
    """Reads the headers of one request as uvicorn does.

    ``is_kept`` says whether the connection stays open, and stays HTTP, after it. Old
    versions of httptools end the headers at a line feed, too: then there may be another
    request, and ``is_complete`` stays false.
    """

    def __init__(self, data: bytes):
        self.headers: list[tuple[bytes, bytes]] = []
        self.is_complete = self.is_kept = False
        self._count = 0
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(b"GET / HTTP/1.1\r\n" + data)

    def on_message_begin(self) -> None:
        self._count += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        is_upgrade = any(name == b"upgrade" for name, _ in self.headers)
        self.is_kept = self._parser.should_keep_alive() and not is_upgrade

    def on_message_complete(self) -> None:
        self.is_complete = self._count == 1


def parse_headers(data: bytes) -> list[tuple[bytes, bytes]] | None:
    """Return the headers; ``None`` if something about them is unusual."""
    try:
        parser = HeaderParser(data)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    return parser.headers if parser.is_complete and parser.is_kept else None


def tell_client(proxy: Any, scope: dict) -> None:
    """Let uvicorn's middleware replace the address of a trusted proxy in the scope."""

    async def application(*given: Any) -> None:
        pass

    middleware = copy(proxy)
    middleware.app = application
    with suppress(StopIteration):  # it waits for nothing
        middleware(scope, None, None).send(None)
