"""Answers the readers of public pages, as plain ASGI.

Django's request stack would cost a thread for each of them and milliseconds for each
answer. Everything else passes through: other addresses, restricted and unpublished
pages, and whatever is odd, which Django's own views answer the same way. Django's
middleware does not see what is answered here.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import NoReverseMatch, get_resolver

from .. import conf, cursors
from ..page import updates
from ..publishers import event_stream, websocket
from ..publishers.polling import TIME_OUT
from . import shutdown
from .access import is_channel_id
from .history import Form
from .hub import ChannelGone, get_hub
from .limits import NoPlace, Place, client_address, places
from .responses import NO_PLACE, NOT_FOUND, PUBLIC, RETRY_AFTER, UNCACHED

PATIENCE = 60.0  # seconds without progress after which a slow reader is dropped
LONGEST_QUERY = 256  # bytes; ours have fewer than 60

GARBAGE_THRESHOLDS = (50_000, 50, 100)
IS_WRAPPED = "wagtail_live.middleware"  # tells the page to prefer an event stream
SMALL = 32 * 1024  # bytes that every server takes without waiting for the reader

JSON = (b"content-type", b"application/json")
PUBLIC_CACHE = (b"cache-control", PUBLIC.encode())
NO_CACHE = (b"cache-control", UNCACHED.encode())
STREAM_HEADERS = [
    (name.lower().encode(), value.encode())
    for name, value in event_stream.HEADERS.items()
]


async def serve(app: Callable, scope: dict, receive: Callable, send: Callable) -> None:
    """Answer a request, or have the application answer it."""
    shutdown.drain_on_sigterm()
    serve_reader, channel_id = find_server(scope)
    if serve_reader is not None:
        request = Request(scope, receive, send, channel_id)
        if not conf.is_enabled() and scope["type"] == "http":
            return await request.dismiss()
        if request.is_simple() and await is_public(channel_id):
            return await serve_reader(request)
        if scope["type"] == "websocket":
            return await turn_away(request)  # Django knows no sockets
    scope[IS_WRAPPED] = True
    return await app(scope, receive, send)


async def is_public(channel_id: str) -> bool:
    known = get_hub().is_public(channel_id)
    return await get_hub().find_public(channel_id) if known is None else known


def collect_garbage_less_often() -> None:
    """Each waiting reader is some hundred objects that live for long. With Python's own
    thresholds half of the processor time of a delivery goes into looking for garbage
    among them; a site that has set others keeps them."""
    if gc.get_threshold()[0] < GARBAGE_THRESHOLDS[0]:
        gc.set_threshold(*GARBAGE_THRESHOLDS)


def find_server(scope: dict) -> tuple[Callable | None, str]:
    """Who serves a request, and the channel that it asks for."""
    kind = scope["type"]
    if (kind == "http" and scope["method"] == "GET") or kind == "websocket":
        path = scope["path"].removeprefix(
            force_script_name() or scope.get("root_path", "")
        )
        for prefix, serve in get_prefixes(kind).items():
            if path.startswith(prefix):
                channel_id = path[len(prefix) :].removesuffix("/")
                if is_channel_id(channel_id) and path.endswith("/"):
                    return serve, channel_id
    return None, ""


@conf.read_once
def get_prefixes(kind: str) -> dict[str, Callable]:
    """The paths that the site has given to what is served here."""
    prefixes = {}
    for name, serve in SERVERS[kind].items():
        try:
            path = get_resolver().reverse(name, "0")
        except NoReverseMatch:
            continue
        prefixes[f"/{path.removesuffix('0/')}"] = serve
    return prefixes


class Request:
    """A reader's request, of which only what matters here is kept."""

    __slots__ = (
        *("channel_id", "last_event_id", "origin"),
        *("query", "receive", "send", "_address", "_host"),
    )

    def __init__(self, scope: dict, receive: Callable, send: Callable, channel_id: str):
        self.receive = receive
        self.send = send
        self.channel_id = channel_id
        self.query = scope["query_string"]
        headers = dict(scope["headers"])
        self._host = headers.get(host_header(), b"")
        self._address = (
            (scope.get("client") or ("",))[0],
            headers.get(b"x-forwarded-for", b"").decode("latin-1"),
        )
        self.origin = headers.get(b"origin", b"").decode("latin-1")
        self.last_event_id = headers.get(b"last-event-id", b"").decode("latin-1")

    def is_simple(self) -> bool:
        """Whether the host is allowed and the query short."""
        return len(self.query) <= LONGEST_QUERY and is_allowed_host(self._host)

    def take_place(self) -> Place:
        return places.take(self.channel_id, client_address(*self._address))

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        if allowed := conf.get_allowed_origins():
            headers = [*headers, (b"vary", b"Origin")]
            if self.origin in allowed:
                origin = self.origin.encode("latin-1")
                headers.append((b"access-control-allow-origin", origin))
        if get_hub().is_draining:
            headers = [*headers, (b"connection", b"close")]
        await self.send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )

    async def answer(self, body: bytes, status: int = 200, *headers) -> None:
        length = (b"content-length", b"%d" % len(body))
        cache = PUBLIC_CACHE if status == 200 else NO_CACHE
        await self.start(status, [JSON, length, cache, *headers, *slow_down(status)])
        await self.send({"type": "http.response.body", "body": body})

    async def dismiss(self) -> None:
        """Tell a reader not to come back: updates are switched off."""
        await self.start(204, [NO_CACHE])
        await self.send({"type": "http.response.body", "body": b""})

    async def refuse(self, status: int, reason: str) -> None:
        retry = [(b"retry-after", RETRY_AFTER.encode())] if status == 503 else []
        await self.answer(updates.serialise({"error": reason}), status, *retry)


def slow_down(status: int = 200) -> list[tuple[bytes, bytes]]:
    """Asks readers to rest after an answer, where the site wants that."""
    if status == 200 and (seconds := conf.get_retry_after()):
        return [(b"retry-after", b"%d" % round(seconds))]
    return []


class Presence:
    """Ends the block at once when the reader leaves."""

    __slots__ = ("_serving", "_watching")

    def __init__(self, request: Request):
        self._serving = asyncio.current_task()
        self._watching = asyncio.create_task(until_left(request.receive))

    def __enter__(self) -> None:
        self._watching.add_done_callback(self._left)

    def __exit__(self, kind, error, traceback) -> bool:
        if kind is asyncio.CancelledError and self._watching.done():
            self._serving.uncancel()
            return True
        self._watching.remove_done_callback(self._left)
        self._watching.cancel()
        return False

    def _left(self, watching: asyncio.Task) -> None:
        if not watching.cancelled():
            self._serving.cancel()


async def until_left(receive: Callable) -> None:
    while not (await receive())["type"].endswith(".disconnect"):
        pass


async def serve_long_poll(request: Request) -> None:
    try:
        since, form = parse_query(request.query)
        with request.take_place(), Presence(request):
            timeout = conf.get_polling_timeout()
            answer = await get_hub().wait_for_update(
                request.channel_id, since, timeout, form
            )
            body = answer.body if answer else TIME_OUT
            if len(body) <= SMALL:
                await request.answer(body)
            else:
                async with asyncio.timeout(PATIENCE):
                    await request.answer(body)
    except cursors.InvalidCursor as error:
        await request.refuse(400, str(error))
    except NoPlace:
        await request.refuse(503, NO_PLACE)
    except ChannelGone:
        await request.refuse(404, NOT_FOUND)
    except TimeoutError:
        abort(request.send)


async def serve_stream(request: Request) -> None:
    try:
        since, form = parse_query(request.query, request.last_event_id, event=True)
        with request.take_place(), Presence(request):
            await request.start(200, [*STREAM_HEADERS, *slow_down()])
            async for chunk in event_stream.follow(request.channel_id, since, form):
                async with asyncio.timeout(PATIENCE):
                    await request.send(
                        {"type": "http.response.body", "body": chunk, "more_body": True}
                    )
            await request.send({"type": "http.response.body", "body": b""})
    except cursors.InvalidCursor as error:
        await request.refuse(400, str(error))
    except NoPlace:
        await request.refuse(503, NO_PLACE)
    except TimeoutError:
        abort(request.send)


async def serve_socket(request: Request) -> None:
    await request.receive()  # websocket.connect
    if not is_allowed_origin(request.origin):
        await request.send({"type": "websocket.close"})
        return
    await request.send({"type": "websocket.accept"})
    try:
        since, form = parse_query(request.query, delta=True)
        with request.take_place(), Presence(request):
            code = await websocket.serve(
                request.channel_id, since, form, request.send, PATIENCE
            )
            await request.send({"type": "websocket.close", "code": code})
    except cursors.InvalidCursor as error:
        code = websocket.CLOSE_BAD_REQUEST
        await request.send(
            {"type": "websocket.close", "code": code, "reason": str(error)}
        )
    except NoPlace:
        code = websocket.CLOSE_NO_PLACE
        await request.send(
            {"type": "websocket.close", "code": code, "reason": NO_PLACE}
        )
    except TimeoutError:
        abort(request.send)


async def turn_away(request: Request) -> None:
    """Close a socket to what is not public, in a way that its reader can tell."""
    await request.receive()  # websocket.connect
    await request.send({"type": "websocket.accept"})
    code = websocket.CLOSE_GONE
    await request.send({"type": "websocket.close", "code": code, "reason": NOT_FOUND})


SERVERS = {
    "http": {"long-polling": serve_long_poll, "event-stream": serve_stream},
    "websocket": {"websocket": serve_socket},
}


@lru_cache(maxsize=1024)
def parse_query(
    query: bytes, last_event_id: str = "", *, delta: bool = False, event: bool = False
) -> tuple[datetime, Form]:
    """The cursor and the form that a reader asks for; ``InvalidCursor`` otherwise."""
    values = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    timestamps = values.get("last_update_ts", [])
    form = Form.of(
        delta=delta or values.get("delta", [""])[-1] == "1",
        event=event,
        head=values.get("head", [""])[-1] == "1",
    )
    return cursors.parse([last_event_id] if last_event_id else timestamps), form


@conf.read_once
def host_header() -> bytes:
    return b"x-forwarded-host" if settings.USE_X_FORWARDED_HOST else b"host"


@conf.read_once
def force_script_name() -> str | None:
    return settings.FORCE_SCRIPT_NAME


@conf.read_once
def is_allowed_host(host: bytes) -> bool:
    allowed = settings.ALLOWED_HOSTS
    if settings.DEBUG and not allowed:
        allowed = [".localhost", "127.0.0.1", "[::1]"]
    domain, _ = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, allowed)


def is_allowed_origin(origin: str) -> bool:
    """Whether a page of this origin may open a socket; programs send no origin."""
    if not origin or origin in conf.get_allowed_origins():
        return True
    return is_allowed_host(urlsplit(origin).netloc.encode("latin-1"))


def abort(send: Callable) -> None:
    """Cut the connection of a reader who does not read. ASGI has no word for that, and
    uvicorn, told to close, waits for the unread data for ever."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if hasattr(transport, "abort"):
        transport.abort()
