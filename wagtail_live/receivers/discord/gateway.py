"""Discord's gateway: a WebSocket with events, whose session can be resumed
(docs.discord.com/developers/events/gateway,
docs.discord.com/developers/topics/opcodes-and-status-codes).
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from enum import IntEnum

from django.core.exceptions import ImproperlyConfigured
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from ..base import get_dict, get_int, get_str

logger = logging.getLogger(__name__)


class Op(IntEnum):
    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    RESUME = 6
    RECONNECT = 7
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


GUILD_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 15
# A new connection would not help: a wrong token, or intents the bot doesn't have.
FATAL_CODES = {4004, 4010, 4011, 4012, 4013, 4014}
NEW_SESSION_CODES = {4007, 4009}
UNREACHABLE = (OSError, TimeoutError, InvalidHandshake, InvalidMessage)
MAX_WAIT = 60
MAX_MESSAGE_SIZE = 2**22
DEFAULT_INTERVAL = 41.25


class GatewayRefused(ImproperlyConfigured):
    """Discord refuses the bot until its settings change."""


class Gateway:
    """The session of a bot, which may need several connections."""

    def __init__(self, token: str, url: str):
        self._token = token
        self._url = url
        self._forget_session()
        self._failures = 0

    async def events(self) -> AsyncGenerator[dict, None]:
        """Yield each dispatched event, forever. Raise ``GatewayRefused`` if a new connection
        would be refused, too."""
        while True:
            url = f"{self._resume_url or self._url}/?v=10&encoding=json"
            try:
                async with (
                    connect(url, max_size=MAX_MESSAGE_SIZE) as connection,
                    aclosing(self._follow(connection)) as events,
                ):
                    async for event in events:
                        yield event
            except ConnectionClosed as closed:
                self._check_close_code(closed)
            except UNREACHABLE as error:
                logger.warning("Can't connect to Discord: %s.", type(error).__name__)
            longest = min(2**self._failures, MAX_WAIT)
            self._failures = min(self._failures + 1, 10)
            # At random, so that bots don't reconnect all at once.
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311

    def _check_close_code(self, closed: ConnectionClosed) -> None:
        code = closed.rcvd.code if closed.rcvd else None
        logger.info("Discord's connection closed with %s.", code)
        if code in FATAL_CODES:
            raise GatewayRefused(
                f"Discord refuses the bot (code {code}). Check its token, and turn on its "
                "message content intent."
            ) from None
        if code in NEW_SESSION_CODES:
            self._forget_session()

    def _forget_session(self) -> None:
        self._session_id = self._resume_url = ""
        self._sequence: int | None = None

    async def _follow(self, connection: ClientConnection) -> AsyncGenerator[dict, None]:
        hello = _read(await connection.recv())
        interval = get_int(get_dict(hello, "d"), "heartbeat_interval") / 1000
        async with Heartbeat(connection, interval, lambda: self._sequence) as heartbeat:
            await self._identify(connection)
            async for text in connection:
                payload = _read(text)
                match payload.get("op"):
                    case Op.DISPATCH:
                        self._note_session(payload)
                        yield payload
                        # Only now: an event that fails is sent again after a reconnect.
                        self._sequence = get_int(payload, "s")
                    case Op.HEARTBEAT:
                        await heartbeat.beat()
                    case Op.HEARTBEAT_ACK:
                        heartbeat.is_answered = True
                    case Op.RECONNECT:
                        return
                    case Op.INVALID_SESSION:
                        if payload.get("d") is not True:
                            self._forget_session()
                        return

    async def _identify(self, connection: ClientConnection) -> None:
        if self._session_id:
            session = {"session_id": self._session_id, "seq": self._sequence}
            await _send(connection, Op.RESUME, {"token": self._token, **session})
            return
        about = {"os": "linux", "browser": "wagtail_live", "device": "wagtail_live"}
        intents = GUILD_MESSAGES | MESSAGE_CONTENT
        identity = {"token": self._token, "intents": intents, "properties": about}
        await _send(connection, Op.IDENTIFY, identity)

    def _note_session(self, payload: dict) -> None:
        self._failures = 0
        if payload.get("t") == "READY":
            ready = get_dict(payload, "d")
            self._session_id = get_str(ready, "session_id")
            self._resume_url = get_str(ready, "resume_gateway_url").rstrip("/")


class Heartbeat:
    """Sends heartbeats, and closes the connection if Discord doesn't respond to one."""

    def __init__(
        self,
        connection: ClientConnection,
        interval: float,
        sequence: Callable[[], int | None],
    ):
        self._connection = connection
        self._interval = interval or DEFAULT_INTERVAL
        self._sequence = sequence
        self.is_answered = True

    async def __aenter__(self) -> Heartbeat:
        self._task = asyncio.create_task(self._keep_beating())
        return self

    async def __aexit__(self, *exception) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError, ConnectionClosed):
            await self._task

    async def beat(self) -> None:
        await _send(self._connection, Op.HEARTBEAT, self._sequence())

    async def _keep_beating(self) -> None:
        await asyncio.sleep(self._interval * random.random())  # noqa: S311
        while self.is_answered:
            self.is_answered = False
            await self.beat()
            await asyncio.sleep(self._interval)
        await self._connection.close(4000, "no answer to a heartbeat")


async def _send(connection: ClientConnection, op: Op, data) -> None:
    await connection.send(json.dumps({"op": op, "d": data}))


def _read(text: str | bytes) -> dict:
    try:
        payload = json.loads(text)
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}
