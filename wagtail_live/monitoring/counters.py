"""What a process notes of its own work, for whoever watches over it."""

from __future__ import annotations

import math
import os
import time
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from .. import cursors

DELAYS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, math.inf)  # seconds


class Trouble(NamedTuple):
    """The latest thing that went wrong with the hub or the bus."""

    at: datetime
    text: str


class Measures:
    """Counts since the process started. Each number is written by one thread, or under
    the lock of whoever writes it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.updates = 0
        self.refused_readers = 0
        self.bus_connects = 0
        self.delay_counts = [0] * len(DELAYS)
        self.delay_sum = 0.0
        self.troubles: dict[str, Trouble] = {}

    def note_updates(self, written_at: Iterable[datetime]) -> None:
        """Updates that were just handed to the waiting readers, by their cursors."""
        now = time.time()
        for cursor in written_at:
            delay = max(0.0, now - cursors.to_timestamp(cursor))
            self.updates += 1
            self.delay_sum += delay
            self.delay_counts[bisect_left(DELAYS, delay)] += 1

    def note_trouble(self, part: str, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}".strip()
        self.troubles[part] = Trouble(timezone.now(), text)


measures = Measures()
os.register_at_fork(after_in_child=measures.reset)
