"""Updates over a connection that stays open: server-sent events and WebSocket frames."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from .access import ChannelGone, Unavailable
from .hub import get_hub
from .limits import NoSlot, Slot
from .wire import WireFormat

HEARTBEAT_INTERVAL = 15.0  # seconds
MAX_LIFETIME = 300.0  # seconds, give or take a fifth: readers move to new processes

EVENT_HEARTBEAT = b":\n\n"
FRAME_HEARTBEAT = b"{}"
GONE = b"event: gone\ndata: {}\n\n"
EVENT_STREAM_HEADERS = (
    ("Content-Type", "text/event-stream"),
    ("Cache-Control", "no-cache, no-transform"),
    # GZipMiddleware would hold events back until the next ones.
    ("Content-Encoding", "identity"),
    ("X-Accel-Buffering", "no"),
)


async def follow(
    channel_id: str,
    since: datetime,
    wire_format: WireFormat,
    is_allowed: Callable[[], Awaitable[bool]] | None = None,
) -> AsyncIterator[bytes]:
    """Yield the answers after a cursor, and heartbeats, until the connection has reached
    its maximum lifetime: server-sent events, or frames if the format is not for events.

    If the page is not public, ``is_allowed`` checks access before each answer. Once the
    reader has no access, events end with ``GONE``; frames raise ``ChannelGone``.
    """
    # One generator, since each costs a reader memory.
    hub = get_hub()
    end = time.monotonic() + get_lifetime()
    heartbeat = EVENT_HEARTBEAT if wire_format.is_event else FRAME_HEARTBEAT
    if wire_format.is_event:
        yield get_retry()
    while (left := end - time.monotonic()) > 0 and not hub.is_draining:
        timeout = min(HEARTBEAT_INTERVAL, left)
        try:
            answer = await hub.wait_for_update(
                channel_id, since, timeout, wire_format, public=is_allowed is None
            )
            if is_allowed and not await is_allowed():
                raise ChannelGone(channel_id)
        except ChannelGone:
            if not wire_format.is_event:
                raise
            yield GONE
            return
        except Unavailable:
            if not wire_format.is_event:
                raise
            return  # readers reconnect, and are then refused with a status
        if answer:
            since = answer.cursor
        yield answer.body if answer else heartbeat


def get_lifetime() -> float:
    """Return the seconds after which a connection ends."""
    return MAX_LIFETIME * random.uniform(0.8, 1.2)  # noqa: S311


def get_retry() -> bytes:
    """Return the first event: a random delay, because other streams end at the same
    time."""
    return b"retry: %d\n\n" % random.randint(1000, 5000)  # noqa: S311


class SlotStream:
    """A stream that holds a slot from its first event until it ends, or is closed with its
    response. Without a slot it has no events.

    It takes none before, because middleware may drop a response that nobody has iterated,
    and so does Django, in a cycle of references, if the reader leaves at once.
    """

    def __init__(self, events: AsyncIterator[bytes], acquire: Callable[[], Slot]):
        self._events = events
        self._acquire = acquire
        self._slot: Slot | None = None

    def __aiter__(self) -> SlotStream:
        return self

    async def __anext__(self) -> bytes:
        try:
            self._slot = self._slot or self._acquire()
            return await anext(self._events)
        except NoSlot:
            raise StopAsyncIteration from None
        except BaseException:  # the end, an error, or the reader has left
            self.close()
            raise

    def close(self) -> None:
        if self._slot:
            self._slot.release()
