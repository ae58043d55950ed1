"""``application = LiveUpdatesMiddleware(get_asgi_application())``.

Answers the readers of public pages before Django's request stack, which costs a thread
for each of them and milliseconds for each answer. Everything else passes through: other
addresses, restricted and unpublished pages, and whatever is odd, which Django's own
views answer the same way. Django's middleware does not see what is answered here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.handlers.asgi import get_script_prefix
from django.http.request import split_domain_port, validate_host
from django.urls import NoReverseMatch, get_resolver

from . import conf, cursors, shutdown, updates
from .access import is_channel_id
from .history import Form
from .hub import ChannelGone, get_hub
from .places import NoPlace, Place, client_address, places
from .publishers import event_stream, websocket
from .publishers.base import NO_PLACE, NOT_FOUND, PUBLIC, RETRY_AFTER, UNCACHED
from .publishers.polling import TIME_OUT

PATIENCE = 60.0  # seconds without progress after which a slow reader is dropped
LONGEST_QUERY = 256  # bytes; ours have fewer than 60

JSON = (b"content-type", b"application/json")
STREAM_HEADERS = [
    (name.lower().encode(), value.encode())
    for name, value in event_stream.HEADERS.items()
]


class LiveUpdatesMiddleware:
    """Wraps an ASGI application and answers long polls, event streams and WebSockets."""

    def __init__(self, app: Callable):
        self.app = app

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        shutdown.drain_on_sigterm()
        serve, channel_id = find_server(scope)
        if serve is not None:
            request = Request(scope, receive, send, channel_id)
            if await request.is_ours():
                await serve(request)
                return
        await self.app(scope, receive, send)


def find_server(scope: dict) -> tuple[Callable | None, str]:
    """Who serves a request, and the channel that it asks for."""
    kind = scope["type"]
    if (kind == "http" and scope["method"] == "GET") or kind == "websocket":
        path = scope["path"].removeprefix(get_script_prefix(scope))
        for prefix, serve in get_prefixes(kind, settings.ROOT_URLCONF).items():
            if path.startswith(prefix):
                channel_id = path[len(prefix) :].removesuffix("/")
                if is_channel_id(channel_id) and path.endswith("/"):
                    return serve, channel_id
    return None, ""


@lru_cache
def get_prefixes(kind: str, urlconf: str) -> dict[str, Callable]:
    """The paths that the site has given to what is served here."""
    prefixes = {}
    for name, serve in SERVERS[kind].items():
        try:
            path = get_resolver(urlconf).reverse(name, "0")
        except NoReverseMatch:
            continue
        prefixes[f"/{path.removesuffix('0/')}"] = serve
    return prefixes


class Request:
    """A reader's request, of which only what matters here is looked at."""

    def __init__(self, scope: dict, receive: Callable, send: Callable, channel_id: str):
        self.scope = scope
        self.receive = receive
        self.send = send
        self.channel_id = channel_id
        self.headers = dict(scope["headers"])

    async def is_ours(self) -> bool:
        """Whether the host is allowed, the query short, and the channel public."""
        host = b"x-forwarded-host" if settings.USE_X_FORWARDED_HOST else b"host"
        query = self.scope["query_string"]
        return (
            len(query) <= LONGEST_QUERY
            and is_allowed_host(self.headers.get(host, b""), allowed_hosts())
            and await get_hub().is_public(self.channel_id)
        )

    @property
    def origin(self) -> bytes:
        return self.headers.get(b"origin", b"")

    def take_place(self) -> Place:
        peer = (self.scope.get("client") or ("",))[0]
        forwarded_for = self.headers.get(b"x-forwarded-for", b"").decode("latin-1")
        return places.take(self.channel_id, client_address(peer, forwarded_for))

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        if allowed := conf.get_allowed_origins():
            headers = [*headers, (b"vary", b"Origin")]
            if self.origin.decode("latin-1") in allowed:
                headers.append((b"access-control-allow-origin", self.origin))
        if get_hub().is_draining:
            headers = [*headers, (b"connection", b"close")]
        await self.send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )

    async def answer(self, body: bytes, status: int = 200, *headers) -> None:
        length = (b"content-length", b"%d" % len(body))
        cache = (b"cache-control", (PUBLIC if status == 200 else UNCACHED).encode())
        await self.start(status, [JSON, length, cache, *headers])
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, status: int, reason: str) -> None:
        retry = [(b"retry-after", RETRY_AFTER.encode())] if status == 503 else []
        await self.answer(updates.serialise({"error": reason}), status, *retry)

    @asynccontextmanager
    async def present(self) -> AsyncIterator[None]:
        """Ends the block at once when the reader leaves."""
        serving = asyncio.current_task()
        watching = asyncio.create_task(self._until_left())
        watching.add_done_callback(lambda task: task.cancelled() or serving.cancel())
        try:
            yield
        except asyncio.CancelledError:
            if not watching.done():
                raise  # the server's doing
            serving.uncancel()
        finally:
            watching.cancel()

    async def _until_left(self) -> None:
        message: dict[str, Any] = {}
        while not message.get("type", "").endswith(".disconnect"):
            message = await self.receive()


async def serve_long_poll(request: Request) -> None:
    try:
        since, form = parse_poll(request.scope["query_string"])
        with request.take_place():
            async with request.present(), asyncio.timeout(None) as patience:
                timeout = conf.get_polling_timeout()
                answer = await get_hub().wait_for_update(
                    request.channel_id, since, timeout, form
                )
                patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
                await request.answer(answer.body if answer else TIME_OUT)
    except cursors.InvalidCursor as error:
        await request.refuse(400, str(error))
    except NoPlace:
        await request.refuse(503, NO_PLACE)
    except ChannelGone:
        await request.refuse(404, NOT_FOUND)
    except TimeoutError:
        abort(request.send)


async def serve_stream(request: Request) -> None:
    last_event_id = request.headers.get(b"last-event-id", b"").decode("latin-1")
    values = parse_qs(request.scope["query_string"].decode("latin-1"))
    try:
        since = event_stream.parse_cursor(
            last_event_id, values.get("last_update_ts", [])
        )
        with request.take_place():
            async with request.present(), asyncio.timeout(None) as patience:
                await request.start(200, STREAM_HEADERS)
                await send_events(request, since, patience)
    except cursors.InvalidCursor as error:
        await request.refuse(400, str(error))
    except NoPlace:
        await request.refuse(503, NO_PLACE)
    except TimeoutError:
        abort(request.send)


async def send_events(request: Request, since: datetime, patience) -> None:
    loop = asyncio.get_running_loop()
    async for chunk in event_stream.follow(request.channel_id, since):
        patience.reschedule(loop.time() + PATIENCE)
        message = {"type": "http.response.body", "body": chunk, "more_body": True}
        await request.send(message)
        patience.reschedule(None)
    await request.send({"type": "http.response.body", "body": b""})


async def serve_socket(request: Request) -> None:
    await request.receive()  # websocket.connect
    if not is_allowed_origin(request.origin):
        await request.send({"type": "websocket.close"})
        return
    await request.send({"type": "websocket.accept"})
    code = websocket.CLOSE_NO_PLACE
    try:
        since, _ = parse_poll(request.scope["query_string"])
        with request.take_place():
            async with request.present():
                code = await websocket.serve(
                    request.channel_id, since, request.send, PATIENCE
                )
                await request.send({"type": "websocket.close", "code": code})
            return
    except cursors.InvalidCursor:
        code = websocket.CLOSE_BAD_REQUEST
    except NoPlace:
        code = websocket.CLOSE_NO_PLACE
    except TimeoutError:
        abort(request.send)
        return
    await request.send({"type": "websocket.close", "code": code})


SERVERS = {
    "http": {"long-polling": serve_long_poll, "event-stream": serve_stream},
    "websocket": {"websocket": serve_socket},
}


@lru_cache(maxsize=1024)
def parse_poll(query: bytes) -> tuple[datetime, Form]:
    """The cursor and the form that a query asks for; ``InvalidCursor`` otherwise."""
    values = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    since = cursors.parse(values.get("last_update_ts", []))
    return since, Form.DELTA if values.get("delta", [""])[-1] == "1" else Form.FULL


def allowed_hosts() -> tuple[str, ...]:
    if settings.DEBUG and not settings.ALLOWED_HOSTS:
        return (".localhost", "127.0.0.1", "[::1]")
    return tuple(settings.ALLOWED_HOSTS)


@lru_cache(maxsize=1024)
def is_allowed_host(host: bytes, allowed: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, allowed)


def is_allowed_origin(origin: bytes) -> bool:
    """Whether a page of this origin may open a socket; programs send no origin."""
    if not origin or origin.decode("latin-1") in conf.get_allowed_origins():
        return True
    return is_allowed_host(urlsplit(origin).netloc.rpartition(b"@")[2], allowed_hosts())


def abort(send: Callable) -> None:
    """Cut the connection of a reader who does not read. ASGI has no word for that, and
    uvicorn, told to close, waits for the unread data for ever."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if hasattr(transport, "abort"):
        transport.abort()
