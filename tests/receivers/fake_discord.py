"""A fake Discord on loopback: its gateway keeps sessions and replays missed events; its
API returns messages.

docs.discord.com/developers/events/gateway (connecting, heartbeats, resuming),
docs.discord.com/developers/resources/message#get-channel-messages,
docs.discord.com/developers/topics/rate-limits.
"""

import asyncio
import json
from contextlib import suppress
from itertools import count
from urllib.parse import urlsplit

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from .fake_server import Answer, FakeServer

TOKEN = "canary-bot-token"


class FakeDiscord:
    """The gateway. ``received`` holds messages of bots; ``dispatch`` sends an event."""

    heartbeat_interval = 0.2

    def __init__(self, token=TOKEN):
        self.token = token
        self.received: list[dict] = []
        self.answers_heartbeats = True
        self._events: list[dict] = []
        self._connections = set()
        self._sessions = count(1)
        self._changed = asyncio.Condition()

    async def __aenter__(self):
        self._server = await serve(self._talk, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exception):
        self._server.close()
        await self._server.wait_closed()

    async def dispatch(self, kind, data):
        """Send an event, also to bots that reconnect later."""
        event = {"op": 0, "t": kind, "s": len(self._events) + 1, "d": data}
        self._events.append(event)
        await self.send(json.dumps(event))

    async def send(self, text):
        for connection in list(self._connections):
            with suppress(ConnectionClosed):
                await connection.send(text)

    async def drop(self, code=1001):
        """Close all connections."""
        for connection in list(self._connections):
            await connection.close(code)

    async def wait_for(self, op, times=1):
        """Return the ``times``-th message of a kind that a bot sent."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: len(self._of(op)) >= times)
        return self._of(op)[times - 1]

    def _of(self, op):
        return [payload for payload in self.received if payload["op"] == op]

    async def _talk(self, connection):
        interval = int(self.heartbeat_interval * 1000)
        hello = {"op": 10, "d": {"heartbeat_interval": interval}}
        try:
            await connection.send(json.dumps(hello))
            async for text in connection:
                await self._hear(connection, json.loads(text))
        except ConnectionClosed:
            """The bot will come back."""
        finally:
            self._connections.discard(connection)

    async def _hear(self, connection, payload):
        await self._answer(connection, payload)
        async with self._changed:
            self.received.append(payload)
            self._changed.notify_all()

    async def _answer(self, connection, payload):
        if payload["op"] == 1 and self.answers_heartbeats:
            await connection.send(json.dumps({"op": 11}))
        if payload["op"] in (2, 6) and payload["d"]["token"] != self.token:
            await connection.close(4004)
        elif payload["op"] == 2:
            self._connections.add(connection)
            session = {
                "session_id": f"session-{next(self._sessions)}",
                "resume_gateway_url": self.url,
            }
            await self.dispatch("READY", session)
        elif payload["op"] == 6:
            self._connections.add(connection)
            missed = self._events[payload["d"]["seq"] or 0 :]
            for event in [*missed, self._resumed()]:
                await connection.send(json.dumps(event))

    def _resumed(self):
        return {"op": 0, "t": "RESUMED", "s": len(self._events), "d": {}}


class FakeDiscordApi(FakeServer):
    """The API. The first ``failing`` requests get a 502, the next ``busy`` ones a 429."""

    guild_id = "3"

    def __init__(self, token=TOKEN):
        super().__init__()
        self.token = token
        self.messages: list[dict] = []
        self.busy = self.failing = 0

    def answer(self, call):
        if call.headers.get("authorization") != f"Bot {self.token}":
            return Answer.json({"message": "401: Unauthorized", "code": 0}, 401)
        if self.failing:
            self.failing -= 1
            return Answer(502, b"<html>Bad gateway")
        if self.busy:
            self.busy -= 1
            limited = {"message": "Slow down.", "retry_after": 0.01, "global": False}
            return Answer.json(limited, 429)
        match urlsplit(call.path).path.split("/"):
            case ["", "channels", id]:
                return Answer.json({"id": id, "type": 0, "guild_id": self.guild_id})
            case ["", "channels", id, "messages"]:
                return Answer.json(self._page(id, **call.arguments))
        return Answer.json({"message": "404: Not Found", "code": 0}, 404)

    def _page(self, channel, after, limit):
        """Return the oldest messages after this one, newest first."""
        later = [
            message
            for message in self.messages
            if message["channel_id"] == channel and int(message["id"]) > int(after)
        ]
        oldest = sorted(later, key=lambda message: int(message["id"]))[: int(limit)]
        return oldest[::-1]
