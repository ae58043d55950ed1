"""Recurring jobs, such as publishing scheduled posts.

Apps register their jobs in ``ready()``. No cron job is needed: the hub calls ``look`` while
readers wait, and so does each request of a reader; it queries the database once in five
seconds. So a post that was scheduled at least five seconds ahead goes live on time while
anyone follows the site, and otherwise when the next reader arrives. To publish on time
without readers, run ``live_housekeeping`` or Wagtail's ``publish_scheduled`` every minute.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.dispatch import receiver

from . import cursors
from .background import Threads, after_fork
from .signals import readers_waiting

logger = logging.getLogger("wagtail_live.housekeeping")

INTERVAL = 5.0  # seconds between two checks of a process
# The hub calls ``look`` as often, and not always after the same time: a call that comes a
# little early must not be left out, or the next check would be after twice the interval.
TOLERANCE = 0.2


class Job(NamedTuple):
    """A recurring job. ``run``, for the command, does all due work and returns a count.
    ``start``, for ``look``, does or starts the work that can't wait for the command;
    ``due_times`` are the times, past or future, of that work."""

    run: Callable[[datetime], int]
    start: Callable[[datetime], object] | None = None
    due_times: Callable[[datetime], QuerySet] | None = None


_jobs: dict[str, Job] = {}


def register(name: str, **functions: Callable) -> None:
    """Register a job; its name describes the count, such as ``"published"``."""
    _jobs[name] = Job(**functions)


def run_jobs(now: datetime) -> dict[str, int | None]:
    """Run all jobs, and return their counts; ``None`` for a job that failed, which is
    logged."""
    return {name: _try(name, job.run, now) for name, job in _jobs.items()}


class Housekeeper:
    """Checks for due jobs every few seconds at most, and starts them in its own thread,
    because they may send signals to slow receivers."""

    def __init__(self):
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._next_look = 0.0
        self._thread = Threads(max_threads=1)

    def look(self) -> None:
        """Check with one query whether a job is due before the next check."""
        with self._lock:
            if time.monotonic() < self._next_look or self.is_busy:
                return
            self._next_look = time.monotonic() + INTERVAL - TOLERANCE
        delay = _next_work(cursors.now())
        if delay <= INTERVAL:
            self._thread.add(_start_jobs, delay)

    @property
    def is_busy(self) -> bool:
        return not self._thread.is_idle

    def wait(self) -> None:
        """Wait until the started jobs are done."""
        while self.is_busy:
            time.sleep(0.01)


def _next_work(now: datetime) -> float:
    """Return the seconds until the next job is due."""
    times = [job.due_times(now) for job in _jobs.values() if job.due_times]
    first, *others = (due for due in times if not due.query.is_empty())
    [column] = first.query.values_select
    soonest = first.union(*others).order_by(column).first()
    return max(0.0, (soonest - now).total_seconds()) if soonest else math.inf


def _start_jobs() -> None:
    for name, job in _jobs.items():
        if job.start:
            _try(name, job.start, cursors.now())


def _try(name: str, function: Callable, now: datetime) -> Any:
    """Return the result, or ``None`` after an error, which stops no other job."""
    try:
        return function(now)
    except Exception:
        logger.exception("Housekeeping failed (%s), retrying later.", name)
        return None


@receiver(readers_waiting)
def look_while_readers_wait(sender, **kwargs) -> None:
    housekeeper.look()


housekeeper = Housekeeper()
after_fork(housekeeper.reset)
