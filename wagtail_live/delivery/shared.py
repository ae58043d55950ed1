"""Values that are the same for all readers, and that many of them ask for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.db import router, transaction

from ..background import after_fork
from ..models import Channel
from .access import Unavailable

MAX_KNOWN = 500
MAX_WAITING = 64  # threads
LIFETIME = 1.0  # seconds
STALE_TIME = 10.0  # seconds more, in which a value serves while others are loaded

Value = TypeVar("Value")


class Shared(Generic[Value]):
    """The values of channels that were loaded in the last second. Thread-safe.

    One thread loads at a time. Meanwhile others get the values of the last seconds, or wait
    for those that are not known, a limited number of them.
    """

    def __init__(self, load: Callable[[Iterable[str]], dict[str, Value]]) -> None:
        self._load = load
        self.reset()
        after_fork(self.reset)

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)
        self._known: dict[str, tuple[float, Value]] = {}

    def get(self, channel_ids: Iterable[str]) -> dict[str, Value]:
        """Return the values, by the ids of channels; raise ``Unavailable`` if too many
        wait."""
        ids = list(channel_ids)
        if transaction.get_connection(router.db_for_read(Channel)).in_atomic_block:
            return self._load(ids)
        is_fresh, found = self._find(ids)
        if is_fresh:
            return found
        if not self._loading.acquire(blocking=False):
            if len(found) == len(ids):
                return found
            self._wait()
        try:
            return self._find_or_load(ids)
        finally:
            self._loading.release()

    def forget(self, **kwargs: Any) -> None:
        """Load all of them again before the next answer."""
        with self._lock:
            self._known = {}

    def _find(self, ids: list[str]) -> tuple[bool, dict[str, Value]]:
        """Return the values that are known, and whether all are of the last second."""
        with self._lock:
            entries = {key: self._known[key] for key in ids if key in self._known}
        now = time.monotonic()
        is_fresh = len(entries) == len(ids) and all(
            now < loaded_at + LIFETIME for loaded_at, _ in entries.values()
        )
        return is_fresh, {
            key: value
            for key, (loaded_at, value) in entries.items()
            if now < loaded_at + LIFETIME + STALE_TIME
        }

    def _wait(self) -> None:
        if not self._waiting.acquire(blocking=False):
            raise Unavailable
        try:
            self._loading.acquire()
        finally:
            self._waiting.release()

    def _find_or_load(self, ids: list[str]) -> dict[str, Value]:
        is_fresh, found = self._find(ids)
        if is_fresh:  # another thread has loaded them
            return found
        known = self._known
        loaded_at = time.monotonic()
        loaded = self._load(ids)
        with self._lock:
            if known is self._known:  # and nothing was to be forgotten meanwhile
                if len(known) > MAX_KNOWN:
                    known.clear()
                known |= {key: (loaded_at, value) for key, value in loaded.items()}
        return loaded
