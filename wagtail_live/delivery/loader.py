"""Answers from the database, for cursors older than the hub's recent changes."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import TypeAlias

from django.db import DatabaseError, connection

from ..background import fork_guard
from ..models import Channel
from ..page import updates
from . import access
from .watch import GONE
from .wire import Answer, WireFormat, build_answer

RETRY_INTERVAL = 0.25  # seconds between two attempts while the database is unavailable


Key: TypeAlias = tuple[str, datetime, WireFormat]  # channel id, cursor, format


class Loader:
    """Loads each answer once for all readers who need it at the same time. Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._running: dict[Key, Future] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="wagtail-live-loader")

    async def load(self, key: Key, deadline: float):
        """Return the answer, ``GONE``, or ``None`` if the database is unavailable."""
        loop = asyncio.get_running_loop()
        while True:
            with self._lock:
                if key not in self._running:
                    self._running[key] = self._pool.submit(self._load, key)
                future = self._running[key]
            try:
                return await asyncio.shield(asyncio.wrap_future(future))
            except DatabaseError:
                if loop.time() > deadline:
                    return None
                await asyncio.sleep(RETRY_INTERVAL)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _load(self, key: Key):
        with fork_guard:
            try:
                channel_id, since, wire_format = key
                channel = access.get_channel(channel_id)
                return load_answer(channel, since, wire_format) if channel else GONE
            finally:
                with self._lock:
                    del self._running[key]
                connection.close()


def load_answer(channel: Channel, since: datetime, wire_format: WireFormat) -> Answer:
    """Load and render the answer to a reader."""
    payload = load_payload(channel, since, wire_format)
    if updates.is_empty(payload):
        return Answer(b"", channel.last_updated_at)
    body = updates.serialise(payload)
    return build_answer(body, wire_format, channel.last_updated_at)


def load_payload(channel: Channel, since: datetime, wire_format: WireFormat) -> dict:
    return updates.payload(
        channel, since, delta=wire_format.is_lean, overview=wire_format.has_overview
    )
