"""The number of readers of each page.

Each process counts its own, and writes their number to the database every ten seconds: it
costs the same however many there are. Readers who wait are those of the hub; of those who
poll at intervals, each is taken to send one request per interval, of which each process gets
a part. The connections that a push engine holds are not counted.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, OperationalError, transaction

from .. import conf, cursors
from ..background import after_fork, threads
from ..models import Channel, ReaderCount
from ..signals import readers_waiting
from .hub import get_hub

SAMPLE_INTERVAL = 1.0  # seconds; readers who poll are away between two polls
REPORT_INTERVAL = 10.0
KEPT = timedelta(hours=1)
EXACT = 100  # readers; of more, two digits are told
SELDOM = 0.02


class Readership:
    """The readers in this process. Thread-safe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._process = uuid4().hex
        self._peaks: Counter[str] = Counter()
        self._polls: Counter[str] = Counter()
        self._reported_at = time.monotonic()
        self._next_sample = 0.0
        self._is_reported = False

    def note_poll(self, channel_id: str) -> None:
        """Count a request that was answered at once."""
        if conf.has_reader_counts():
            with self._lock:
                self._polls[channel_id] += 1
            self.look()

    def look(self, **kwargs: Any) -> None:
        """Count the readers who wait, and report the numbers when it is time."""
        if not conf.has_reader_counts():
            return
        with self._lock:
            now = time.monotonic()
            if now < self._next_sample:
                return
            self._next_sample = now + SAMPLE_INTERVAL
            self._peaks |= Counter(get_hub().readers_by_channel())
            if now - self._reported_at >= REPORT_INTERVAL:
                self._report(now)

    def _report(self, now: float) -> None:
        polls_of_one = (now - self._reported_at) * 1000 / conf.get_polling_interval()
        counts: dict[str, float] = dict(self._peaks)
        for channel_id, polls in self._polls.items():
            counts[channel_id] = counts.get(channel_id, 0) + polls / polls_of_one
        self._peaks, self._polls, self._reported_at = Counter(), Counter(), now
        if counts or self._is_reported:
            self._is_reported = bool(counts)
            # Not here: the thread of the hub must not wait for a lock of SQLite.
            threads.add(partial(write, self._process, counts))


def write(process: str, counts: Mapping[str, float]) -> None:
    """Write the numbers of a process in place of those before."""
    channels = Channel.objects.filter(channel_id__in=counts)
    now = cursors.now()
    rows = [
        ReaderCount(
            process=process, channel_id=pk, readers=counts[channel_id], counted_at=now
        )
        for pk, channel_id in channels.values_list("pk", "channel_id")
    ]
    with suppress(OperationalError, IntegrityError):  # as of a page just deleted
        with transaction.atomic():
            ReaderCount.objects.filter(process=process).delete()
            ReaderCount.objects.bulk_create(rows)
        if random.random() < SELDOM:  # noqa: S311
            ReaderCount.objects.filter(counted_at__lt=now - KEPT).delete()


def simplify(readers: int) -> int:
    """Return the number that readers are told: above a hundred, with two digits."""
    if readers < EXACT:
        return readers
    unit = 10 ** (len(str(readers)) - 2)
    return readers // unit * unit


readership = Readership()
after_fork(readership.reset)
readers_waiting.connect(readership.look)
