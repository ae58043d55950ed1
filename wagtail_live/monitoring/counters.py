"""Counters of this process's work, for monitoring."""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from .. import cursors
from ..background import after_fork

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, math.inf)  # seconds


class LastError(NamedTuple):
    """The latest error of the hub, the bus or the push engine."""

    at: datetime
    text: str


class Counters:
    """Counts since the process started. Each is written by one thread only, or under a
    lock of the code that counts."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.updates = 0
        self.refused_readers = 0
        self.bus_connects = 0
        self.delay_counts = [0] * len(BUCKETS)
        self.delay_sum = 0.0
        self.last_errors: dict[str, LastError] = {}

    def note_updates(self, written_at: Iterable[datetime]) -> None:
        """Count updates that were just delivered, and the time since they were written."""
        now = time.time()
        for cursor in written_at:
            delay = max(0.0, now - cursors.to_timestamp(cursor))
            self.updates += 1
            self.delay_sum += delay
            self.delay_counts[bisect_left(BUCKETS, delay)] += 1

    def note_error(self, part: str, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}".strip()
        self.last_errors[part] = LastError(cursors.now(), text)

    def describe_error(self, part: str) -> list[str] | None:
        """Return the time and the text of the last error of ``"hub"``, ``"bus"`` or
        ``"engine"``."""
        error = self.last_errors.get(part)
        return error and [error.at.isoformat(), error.text]


counters = Counters()
after_fork(counters.reset)
