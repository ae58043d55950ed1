"""Updates over a connection that stays open: server-sent events and WebSocket frames."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from .access import ChannelGone
from .hub import get_hub
from .wire import Answer, WireFormat

HEARTBEAT_INTERVAL = 15.0  # seconds
MAX_LIFETIME = 300.0  # seconds, give or take a fifth: readers move to new processes

HEARTBEAT = b":\n\n"
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
) -> AsyncIterator[Answer | None]:
    """Yield the answers after a cursor, and ``None`` for heartbeats, until the connection
    has reached its maximum lifetime.

    If the page is not public, ``is_allowed`` checks access before each answer. Raise
    ``ChannelGone`` once the reader has no access.
    """
    hub = get_hub()
    end = time.monotonic() + MAX_LIFETIME * random.uniform(0.8, 1.2)  # noqa: S311
    while (left := end - time.monotonic()) > 0 and not hub.is_draining:
        timeout = min(HEARTBEAT_INTERVAL, left)
        answer = await hub.wait_for_update(
            channel_id, since, timeout, wire_format, public=is_allowed is None
        )
        if is_allowed and not await is_allowed():
            raise ChannelGone(channel_id)
        if answer:
            since = answer.cursor
        yield answer


async def stream_events(*following) -> AsyncIterator[bytes]:
    """Yield what ``follow`` yields as server-sent events."""
    # A random delay, because other streams end at the same time.
    yield b"retry: %d\n\n" % random.randint(1000, 5000)  # noqa: S311
    try:
        async for answer in follow(*following):
            yield answer.body if answer else HEARTBEAT
    except ChannelGone:
        yield GONE
