"""After the commit, and not in the way of the acknowledgement.

A site that has set up a background worker for ``django_tasks`` gets its tasks there.
Elsewhere ``django_tasks`` would run them at once, while a platform waits for its answer;
a few threads of this process run them instead.
"""

from __future__ import annotations

import heapq
import logging
import os
import threading
import time
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from django.db import connections, transaction
from django.utils import timezone
from django_tasks.backends.immediate import ImmediateBackend

from ..models import ReceivedMessage
from . import tasks
from .base import Outcome

logger = logging.getLogger("wagtail_live.receivers")

MOST_THREADS = 4
IDLE = 5.0  # seconds until a thread with nothing to do ends


def later(task, *arguments: Any, delay: float = 0) -> None:
    """Run a task once the transaction is committed, ``delay`` seconds after at the
    earliest. One that fails is logged."""
    transaction.on_commit(partial(_hand_over, task, arguments, delay), robust=True)


def give_feedback(message: ReceivedMessage, outcome: Outcome, reason: str = "") -> None:
    where = message.receiver, message.external_id, message.message_id
    later(tasks.give_feedback, *where, outcome.value, reason)


def _hand_over(task, arguments, delay: float) -> None:
    backend = task.get_backend()
    if isinstance(backend, ImmediateBackend):
        threads.add(partial(task.call, *arguments), delay)
    elif not delay:
        task.enqueue(*arguments)
    elif backend.supports_defer:
        moment = timezone.now() + timedelta(seconds=delay)
        task.using(run_after=moment).enqueue(*arguments)


class Threads:
    """A few daemon threads, begun when there is work and ended when there is none."""

    def __init__(self):
        self._changed = threading.Condition()
        self._jobs: list[tuple] = []
        self._order = count()
        self._count = self._busy = 0

    def add(self, job, delay: float = 0) -> None:
        with self._changed:
            heapq.heappush(
                self._jobs, (time.monotonic() + delay, next(self._order), job)
            )
            if self._count - self._busy < len(self._jobs) and (
                self._count < MOST_THREADS
            ):
                self._count += 1
                threading.Thread(
                    target=self._work, name="wagtail-live-receiver", daemon=True
                ).start()
            self._changed.notify()

    def wait(self, timeout: float) -> bool:
        """Whether everything that is due was done in time; for tests."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout)

    def _is_idle(self) -> bool:
        is_due = self._jobs and self._jobs[0][0] <= time.monotonic()
        return not self._busy and not is_due

    def _work(self) -> None:
        while job := self._next():
            try:
                job()
            except Exception:
                logger.exception("A task of a receiver failed.")
            finally:
                connections.close_all()
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _next(self):
        """The next job that is due; ``None`` ends the thread."""
        with self._changed:
            while True:
                due_in = self._jobs[0][0] - time.monotonic() if self._jobs else IDLE
                if due_in <= 0:
                    self._busy += 1
                    return heapq.heappop(self._jobs)[2]
                if not self._changed.wait(due_in) and not self._jobs:
                    self._count -= 1
                    return None


threads = Threads()
os.register_at_fork(after_in_child=threads.__init__)
