"""Readers' requests as the ASGI middleware answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any

from .. import conf
from . import responses, transports
from .access import ChannelGone
from .connections import Disconnect, SlowSend
from .direct import DirectStream
from .headers import (
    encode_headers,
    get_host_header,
    is_allowed_origin,
    read_headers,
)
from .hub import get_hub
from .limits import client_address, limits
from .responses import NOT_FOUND, REFUSALS, SWITCHED_OFF, TIMEOUT, Headers, Response
from .rounds import watchdog
from .streams import EVENT_STREAM_HEADERS, follow
from .transports import abort, get_transport, pause_reading, take_over
from .watch import GONE, Position, WaitingTask
from .wire import Answer, WireFormat, parse_query

CLOSE_TIMEOUT = 1.0  # seconds in which a socket that floods must be closed
BUFFER_SIZE = 32 * 1024  # bytes that every server takes without waiting for the reader
SHORT_TIMEOUT = 10.0  # seconds: shorter time-outs of polls have a timer, and are exact

CLOSE_END_OF_LIFE = 1001
CLOSE_FLOOD = 1008
CLOSE_RESTART = 1012
CLOSE_CODES = {400: 4400, 404: 4404, 503: 1013}  # by HTTP status

# Only a request with one of them can have a body.
BODY_HEADERS = {b"content-length", b"transfer-encoding", b"expect"}

parse_cached_query = lru_cache(maxsize=1024)(parse_query)


class Request:
    """A reader's request. Small, because there are many."""

    __slots__ = (
        *("channel_id", "has_body", "host", "last_event_id", "origin"),
        *("query", "receive", "send", "slot", "address"),
    )
    empty = Response(b"")  # to HEAD

    def __init__(self, scope: dict, receive: Callable, send: Callable, channel_id: str):
        self.receive = receive
        self.send = send
        self.channel_id = channel_id
        self.query = scope["query_string"].decode("latin-1")
        headers = read_headers(scope)
        self.has_body = not BODY_HEADERS.isdisjoint(headers)
        self.host = headers.get(get_host_header(), b"")
        self.address = (
            (scope.get("client") or ("",))[0] or "",
            headers.get(b"x-forwarded-for", b"").decode("latin-1"),
        )
        self.origin = headers.get(b"origin", b"").decode("latin-1")
        self.last_event_id = headers.get(b"last-event-id", b"").decode("latin-1")

    async def serve(self) -> None:
        try:
            since, wire_format = self.parse()
            address = client_address(*self.address)
            with limits.acquire(self.channel_id, address) as self.slot:
                await self.follow(since, wire_format)
        except REFUSALS as error:
            await self.respond(responses.refuse_for(error))
        except TimeoutError:
            abort(self.send)

    def parse(self) -> tuple[datetime, WireFormat]:
        return parse_cached_query(self.query)

    async def follow(self, since: datetime, wire_format: WireFormat) -> None:
        """Deliver updates until the reader leaves."""
        with Disconnect(self.receive) as reader:
            await self.deliver(since, wire_format)
        if reader.is_flooding:
            await self.drop()

    async def deliver(self, since: datetime, wire_format: WireFormat) -> None:
        raise NotImplementedError

    async def respond(self, response: Response) -> None:
        length = (b"content-length", b"%d" % len(response.body))
        headers = self.encode(response.status, response.headers, length)
        await self.send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": headers,
            }
        )
        await self.send({"type": "http.response.body", "body": response.body})

    async def refuse(self, response: Response) -> None:
        """Respond before the request is served."""
        await self.respond(response)

    async def start(self, status: int, headers: Headers) -> None:
        encoded = self.encode(status, headers)
        await self.send(
            {"type": "http.response.start", "status": status, "headers": encoded}
        )

    def encode(
        self, status: int, headers: Headers, *more: tuple[bytes, bytes]
    ) -> list[tuple[bytes, bytes]]:
        """Return the headers of the response as ASGI needs them."""
        origin = self.origin if self.origin in conf.get_allowed_origins() else None
        encoded = [*encode_headers(status, headers, origin), *more]
        if get_hub().is_draining:
            encoded.append((b"connection", b"close"))
        return encoded

    async def drop(self) -> None:
        """Disconnect a reader who floods the connection."""
        abort(self.send)
        await asyncio.sleep(0)  # until the server has noticed

    async def dismiss(self) -> None:
        """Tell the client to stop: updates are switched off."""
        await self.start(SWITCHED_OFF.status, SWITCHED_OFF.headers)
        await self.send({"type": "http.response.body", "body": b""})


class LongPoll(Request):
    """A request that waits for one answer."""

    __slots__ = ()

    async def follow(self, since: datetime, wire_format: WireFormat) -> None:
        transport = get_transport(self.send, "is_closing")
        is_known = get_hub().knows(self.channel_id, since)
        is_usual = not self.has_body and conf.get_polling_timeout() >= SHORT_TIMEOUT
        if transport and is_known and is_usual:
            # The server itself stops reading from a client that goes on sending.
            poll = WaitingPoll(transport)
            position = Position(since, wire_format, True)
            result = get_hub().add(self.channel_id, poll, position)
            if result is None:
                result = await poll.wait()
            if result is GONE:
                raise ChannelGone(self.channel_id)
            if result is None or isinstance(result, Answer):
                return await self.answer(result)
        await super().follow(since, wire_format)

    async def deliver(self, since: datetime, wire_format: WireFormat) -> None:
        answer = await get_hub().wait_for_update(
            self.channel_id, since, conf.get_polling_timeout(), wire_format
        )
        await self.answer(answer)

    async def answer(self, answer: Answer | None) -> None:
        response = Response(answer.body) if answer else TIMEOUT
        if len(response.body) <= BUFFER_SIZE and not has_unread(self.send):
            await self.respond(response)
        else:
            async with asyncio.timeout(transports.SEND_TIMEOUT):
                await self.respond(response)


class WaitingPoll(WaitingTask):
    """A task that waits until the time-out or until its reader leaves, without a timer and
    a task of their own."""

    __slots__ = ("deadline", "transport")

    def __init__(self, transport: Any):
        super().__init__(asyncio.get_running_loop())
        self.transport = transport
        # The next look after it is never later than the time-out.
        self.deadline = self.loop.time() + conf.get_polling_timeout() - watchdog.period

    def wait(self) -> asyncio.Future:
        """Return what the hub gives, or ``None`` at the end."""
        watchdog.add(self)
        return self.future

    def take(self, result: Any) -> None:
        if result is None:  # the end, while it still waits in the hub
            get_hub().remove(self)
        self.group = None
        super().take(result)

    def look(self, now: float) -> None:
        # Also after an answer, which comes without a call for each reader.
        if self.future.done():
            watchdog.discard(self)
            get_hub().remove(self)  # the server may have cancelled the task
        elif now >= self.deadline or self.transport.is_closing():
            self.take(None)


class EventStream(Request):
    """A stream of server-sent events."""

    __slots__ = ()
    empty = Response(b"", headers=EVENT_STREAM_HEADERS)

    def parse(self) -> tuple[datetime, WireFormat]:
        return parse_cached_query(self.query, self.last_event_id, event=True)

    async def follow(self, since: datetime, wire_format: WireFormat) -> None:
        """Give the connection to the hub where the server allows it."""
        async with asyncio.timeout(transports.SEND_TIMEOUT):
            await self.start(200, EVENT_STREAM_HEADERS)
        if conf.has_direct_streams():
            loop = asyncio.get_running_loop()
            stream = DirectStream(loop, self.channel_id, since, wire_format)
            if take_over(self.send, stream):
                return stream.start(self.slot.hand_over())
        await super().follow(since, wire_format)

    async def deliver(self, since: datetime, wire_format: WireFormat) -> None:
        with SlowSend() as sending:
            async for chunk in follow(self.channel_id, since, wire_format):
                sending.since = sending.loop.time()
                await self.send(
                    {"type": "http.response.body", "body": chunk, "more_body": True}
                )
                sending.since = None
        await self.send({"type": "http.response.body", "body": b""})


class Socket(Request):
    """A WebSocket: each text frame is an answer, or ``{}`` as a heartbeat."""

    __slots__ = ()

    async def serve(self) -> None:
        if is_allowed_origin(self.origin):
            await self.accept()
            await super().serve()
        else:
            await self.dismiss()

    def parse(self) -> tuple[datetime, WireFormat]:
        return parse_cached_query(self.query, delta=True)

    async def deliver(self, since: datetime, wire_format: WireFormat) -> None:
        with SlowSend() as sending:
            async for chunk in follow(self.channel_id, since, wire_format):
                sending.since = sending.loop.time()
                await self.send({"type": "websocket.send", "text": chunk.decode()})
                sending.since = None
        is_restart = get_hub().is_draining
        code = CLOSE_RESTART if is_restart else CLOSE_END_OF_LIFE
        await self.send({"type": "websocket.close", "code": code})

    async def respond(self, response: Response) -> None:
        """Close the socket with the code and the reason of a refusal."""
        code = CLOSE_CODES[response.status]
        await self.send(
            {"type": "websocket.close", "code": code, "reason": response.reason}
        )

    async def drop(self) -> None:
        """Say why and disconnect. Not a byte more is read, because a server that waits for
        the reader's answer would read the rest of the flood, too."""
        pause_reading(self.send)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self.send({"type": "websocket.close", "code": CLOSE_FLOOD})
        abort(self.send)

    async def accept(self) -> None:
        await self.receive()  # websocket.connect
        await self.send({"type": "websocket.accept"})

    async def dismiss(self) -> None:
        """Refuse the handshake, which servers answer with status 403."""
        await self.receive()  # websocket.connect
        await self.send({"type": "websocket.close"})

    async def refuse(self, response: Response = NOT_FOUND) -> None:
        """Close the socket with a code that scripts see, which a handshake has not."""
        await self.accept()
        await self.respond(response)


def has_unread(send: Callable) -> bool:
    """Return whether the reader has not read the response before, as far as we see it:
    ``send`` may wait for them then."""
    transport = get_transport(send, "get_write_buffer_size")
    return bool(transport and transport.get_write_buffer_size())
