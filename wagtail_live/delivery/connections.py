"""The ends of a request that a reader brings about: they leave, send too much, or read
too slowly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from . import transports
from .rounds import watchdog
from .transports import MAX_RECEIVED, MESSAGE_COST


class Disconnect:
    """A context manager that cancels its block when the reader disconnects, or sends more
    than a reader has to say."""

    __slots__ = ("_is_over", "_serving", "_watching", "is_flooding")

    def __init__(self, receive: Callable):
        self.is_flooding = self._is_over = False
        self._serving: Any = asyncio.current_task()
        self._watching = asyncio.create_task(until_disconnect(receive))

    def __enter__(self) -> Disconnect:
        self._watching.add_done_callback(self._end)
        return self

    def __exit__(self, kind, error, traceback) -> bool:
        if kind is asyncio.CancelledError and self._watching.done():
            self._serving.uncancel()
            return True
        self._is_over = True  # the callback may be on its way
        self._watching.remove_done_callback(self._end)
        self._watching.cancel()
        return False

    def _end(self, watching: asyncio.Task) -> None:
        if not (watching.cancelled() or self._is_over):
            self.is_flooding = not watching.exception() and not watching.result()
            self._serving.cancel()


class SlowSend:
    """A context manager that raises ``TimeoutError`` in its block if one of the block's
    sends has not ended in time. Cheaper than a timer for each of them."""

    __slots__ = ("_serving", "is_late", "loop", "since")

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.since: float | None = None  # the loop's time at which a send began
        self.is_late = False
        self._serving: Any = asyncio.current_task()

    def __enter__(self) -> SlowSend:
        watchdog.add(self)
        return self

    def __exit__(self, kind, error, traceback) -> None:
        watchdog.discard(self)
        if self.is_late and kind is asyncio.CancelledError:
            self._serving.uncancel()
            raise TimeoutError from error

    def look(self, now: float) -> None:
        if self.since is not None and now - self.since >= transports.SEND_TIMEOUT:
            self.is_late, self.since = True, None
            self._serving.cancel()


async def until_disconnect(receive: Callable) -> bool:
    """Return whether the reader has disconnected; ``False`` if they send too much."""
    received = 0
    while received < MAX_RECEIVED:
        message = await receive()
        if message["type"].endswith(".disconnect"):
            return True
        data = message.get("body") or message.get("bytes") or message.get("text") or ""
        received += MESSAGE_COST + len(data)
    return False
