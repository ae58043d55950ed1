"""Event streams that the hub writes straight to their connections.

A server's ``send`` costs more than the system call, and a request that waits in it several
KiB. So where the server exposes the connection, an event stream takes it over: it has no
task, no future and no timer, and gets the same bytes as all others in one loop.

A reader with unread data in the connection's buffer leaves the hub until it is empty: so
the buffer holds no more than one answer, and updates that come meanwhile are one answer.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from . import streams, transports
from .access import ChannelGone, Unavailable
from .hub import get_hub
from .limits import Slot
from .rounds import Rounds
from .shutdown import DRAIN_TIME
from .transports import LAST_CHUNK, MAX_RECEIVED, MESSAGE_COST, as_chunk
from .watch import ASK_DATABASE, GONE, Loop, Position, Reader
from .wire import Answer, WireFormat

READERS_AT_ONCE = 500  # some milliseconds of work

HEARTBEAT_CHUNK = as_chunk(streams.EVENT_HEARTBEAT)

logger = logging.getLogger("wagtail_live.delivery")
rounds = Rounds(5.0)


class Delivery(NamedTuple):
    """An update on its way to the readers who wait at a cursor in one event loop."""

    readers: Iterator[DirectStream]
    since: datetime
    chunk: bytes
    cursor: datetime


class DirectStream(Reader, asyncio.Protocol):
    """An event stream that reads and writes its connection itself.

    It waits in the hub, or catches up, or has unread data in the connection's buffer.
    """

    __slots__ = (
        *("channel_id", "ends_at", "is_paused", "is_waiting", "progress", "received"),
        *("server_connections", "since", "slot", "task", "transport", "wire_format"),
        "written_at",
    )
    stays = True

    def __init__(
        self,
        loop: Loop,
        channel_id: str,
        since: datetime,
        wire_format: WireFormat,
    ):
        super().__init__(loop)
        self.channel_id = channel_id
        self.since = since
        self.wire_format = wire_format
        self.transport: Any = None
        self.server_connections: set = set()
        self.task: asyncio.Task | None = None
        self.is_paused = self.is_waiting = False
        self.progress: tuple[int, float] | None = None  # unread bytes, and since when
        self.received = 0
        self.written_at = loop.time()
        self.ends_at = self.written_at + streams.get_lifetime()

    def start(self, slot: Slot) -> None:
        """Begin once the connection has been taken over."""
        self.slot = slot
        rounds.add(self)
        self.write(as_chunk(streams.get_retry()), self.since)
        self.catch_up()

    # What the hub calls.

    @classmethod
    def take_all(cls, readers: Iterable[Any], result: Any, position: Position) -> None:
        if isinstance(result, Answer):
            chunk = as_chunk(result.body)
            deliver(Delivery(iter(readers), position.since, chunk, result.cursor))
        else:
            super().take_all(readers, result, position)

    def take(self, result: Any) -> None:
        if result is None:
            self.finish()
        elif self.is_waiting:
            self.leave_hub()
            if result is GONE:
                self.finish(streams.GONE)
            elif result is ASK_DATABASE:
                self.catch_up()

    # What the event loop calls.

    def data_received(self, data: bytes) -> None:
        self.received += MESSAGE_COST + len(data)
        if self.received >= MAX_RECEIVED:
            self.transport.abort()

    def pause_writing(self) -> None:
        """Leave the hub while something is in the connection's buffer."""
        self.is_paused = True
        self.leave_hub()

    def resume_writing(self) -> None:
        self.is_paused, self.progress = False, None
        self.catch_up()

    def connection_lost(self, error: Exception | None) -> None:
        self.leave_hub()
        rounds.discard(self)
        self.server_connections.discard(self)
        self.slot.release()
        if self.task:
            self.task.cancel()

    def look(self, now: float) -> None:
        if self.is_paused:
            self.check_progress(now)
        elif now >= self.ends_at or get_hub().is_draining:
            self.finish()
        elif now - self.written_at >= streams.HEARTBEAT_INTERVAL - rounds.period:
            self.write(HEARTBEAT_CHUNK, self.since)

    # What the server calls.

    def shutdown(self) -> None:
        self.loop.call_later(random.uniform(0, DRAIN_TIME), self.finish)  # noqa: S311

    # What is left.

    def write(self, chunk: bytes, cursor: datetime) -> None:
        """Write all that the reader misses up to a cursor."""
        self.since = cursor
        self.written_at = self.loop.time()
        try:
            self.transport.write(chunk)
        except Exception:  # must not stop the others
            logger.exception("Can't write to a connection.")
            self.transport.abort()

    def accept(self, answer: Answer) -> None:
        if answer.body:
            self.write(as_chunk(answer.body), answer.cursor)
        else:
            self.since = answer.cursor

    def catch_up(self) -> None:
        """Write what the reader has missed, and wait for more."""
        hub = get_hub()
        while not (self.is_paused or self.task or self.transport.is_closing()):
            position = Position(self.since, self.wire_format, public=True)
            result = hub.add(self.channel_id, self, position)
            if result is None:
                self.is_waiting = True
                return
            if isinstance(result, Answer):
                self.accept(result)
            elif hub.is_draining:
                self.finish()
            else:
                self.task = self.loop.create_task(self.ask(result, position))

    async def ask(self, result: Any, position: Position) -> None:
        """Let the hub look at the channel, or load the answer, before the reader waits."""
        hub, deadline = get_hub(), self.loop.time() + streams.HEARTBEAT_INTERVAL
        try:
            if result is ASK_DATABASE:
                answer = await hub.load(self.channel_id, position, deadline)
                if answer and not self.transport.is_closing():
                    self.accept(answer)
            else:
                await hub.check(self.channel_id, position, deadline)
        except ChannelGone:
            self.finish(streams.GONE)
        except Unavailable:
            self.finish()  # readers reconnect, and are then refused with a status
        except Exception:
            logger.exception("Can't catch up a reader.")
            self.transport.abort()
        finally:
            self.task = None
        self.catch_up()

    def leave_hub(self) -> None:
        if self.is_waiting:
            self.is_waiting = False
            get_hub().remove(self)

    def check_progress(self, now: float) -> None:
        """Drop a reader who reads nothing."""
        unread = self.transport.get_write_buffer_size()
        if self.progress is None or unread < self.progress[0]:
            self.progress = unread, now
        elif now - self.progress[1] >= transports.SEND_TIMEOUT:
            self.transport.abort()

    def finish(self, event: bytes = b"") -> None:
        """End the response, with a last event, and close the connection."""
        self.leave_hub()
        if not self.transport.is_closing():
            self.transport.write((as_chunk(event) if event else b"") + LAST_CHUNK)
            self.transport.close()


# The deliveries of each event loop, in order: a reader may be in several.
_deliveries: dict[Loop, deque[Delivery]] = {}


def deliver(delivery: Delivery) -> None:
    """Write to readers, some at a time: other requests must not wait for all of them."""
    loop = asyncio.get_running_loop()
    deliveries = _deliveries.get(loop)
    if deliveries is None:
        _deliveries[loop] = deque([delivery])
        deliver_some(loop)
    else:
        deliveries.append(delivery)


def deliver_some(loop: Loop) -> None:
    deliveries = _deliveries[loop]
    readers, since, chunk, cursor = deliveries[0]
    some = list(islice(readers, READERS_AT_ONCE))
    for reader in some:
        # It may have left, or have got the answer in another way.
        if reader.is_waiting and reader.since == since:
            reader.write(chunk, cursor)
    if len(some) < READERS_AT_ONCE:
        deliveries.popleft()
    if deliveries:
        loop.call_soon(deliver_some, loop)
    else:
        del _deliveries[loop]
