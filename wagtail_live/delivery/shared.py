"""Values that are the same for all readers, and that many of them ask for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.db import router, transaction

from ..background import after_fork
from ..models import Channel

MAX_KNOWN = 500
LIFETIME = 1.0  # seconds

Value = TypeVar("Value")


class Shared(Generic[Value]):
    """The values of channels that were loaded in the last second. Thread-safe."""

    def __init__(self, load: Callable[[Iterable[str]], dict[str, Value]]) -> None:
        self._load = load
        self.reset()
        after_fork(self.reset)

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Value]] = {}

    def get(self, channel_ids: Iterable[str]) -> dict[str, Value]:
        """Return the values, by the ids of channels."""
        if transaction.get_connection(router.db_for_read(Channel)).in_atomic_block:
            return self._load(channel_ids)
        with self._lock:  # readers who come meanwhile wait for the same load
            now = time.monotonic()
            known = {key: entry for key, entry in self._known.items() if entry[0] > now}
            missing = [key for key in channel_ids if key not in known]
            if missing:
                loaded = self._load(missing)
                known |= {key: (now + LIFETIME, loaded[key]) for key in missing}
            self._known = known if len(known) <= MAX_KNOWN else {}
            return {key: known[key][1] for key in channel_ids}

    def forget(self, **kwargs: Any) -> None:
        """Load all of them again before the next answer."""
        with self._lock:
            self._known.clear()
