"""What has to be done when nobody asks for it: publish scheduled posts, end coverage that
nobody writes any longer, forget old tombstones.

``look`` needs no cron job. The hub of each process calls it while a reader waits there,
and so does every request of a reader that Django answers; one call in five seconds asks
the database. So a post that was scheduled at least five seconds ahead goes live at its
time as long as anybody follows the site, and otherwise when the next reader comes. Where
it must go live without any reader, run ``live_housekeeping``, or Wagtail's
``publish_scheduled``, every minute.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connections
from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from . import conf, posts
from .background import fork_guard
from .models import Channel, LivePost
from .posts import channel as coverage
from .receivers import images
from .signals import readers_waiting

logger = logging.getLogger("wagtail_live.housekeeping")

INTERVAL = 5.0  # seconds between two looks of a process


class Job(NamedTuple):
    """Work of an app: done at once, or begun in the background when it is due."""

    run: Callable[[], None]
    start: Callable[[], None]
    due_times: Callable[[datetime], QuerySet]


_jobs: list[Job] = []


def register(**functions: Callable) -> None:
    """Add a job; apps call this in ``ready()``."""
    _jobs.append(Job(**functions))


class Done(NamedTuple):
    """How many posts were published, channels ended and tombstones purged."""

    published: int
    ended: int
    purged: int


class Housekeeper:
    """Looks at most every few seconds, whoever asks. What is to be done is done in a
    thread of its own, because receivers of the site's may take their time."""

    def __init__(self):
        self._lock = threading.Lock()
        self._next_look = 0.0
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """One small query, or two with ``WAGTAIL_LIVE_END_AFTER``."""
        with self._lock:
            if time.monotonic() < self._next_look or self.is_busy:
                return
            self._next_look = time.monotonic() + INTERVAL
        delay = _next_work(timezone.now())
        if delay <= INTERVAL:
            self._thread = threading.Thread(
                target=_work, args=[delay], name="wagtail-live-housekeeper", daemon=True
            )
            self._thread.start()

    @property
    def is_busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> None:
        """Return when what has been begun is done."""
        if thread := self._thread:
            thread.join()


def publish_and_end(now: datetime) -> tuple[int, int]:
    """Publish what is due, and end what is idle."""
    published = len(posts.publish_due(now))
    idle_since = _idle_since(now)
    return published, coverage.end_idle(idle_since) if idle_since else 0


def keep_house(now: datetime) -> Done:
    """Everything that is to be done now, on all channels."""
    published, ended = publish_and_end(now)
    before = now - timedelta(days=conf.get_keep_tombstones())
    old = Channel.objects.filter(tombstones__deleted_at__lt=before).distinct()
    purged = sum(posts.purge_tombstones(channel, before) for channel in old)
    for job in _jobs:
        job.run()
    images.sweep()
    return Done(published, ended, purged)


def _next_work(now: datetime) -> float:
    """Seconds until a post or a webhook is due or a channel is found idle, as far as
    known now."""
    idle_since = _idle_since(now)
    if idle_since and coverage.find_idle(idle_since).exists():
        return 0.0
    scheduled = LivePost.objects.scheduled().values_list("go_live_at", flat=True)
    soonest = (
        scheduled.union(*(job.due_times(now) for job in _jobs))
        .order_by("go_live_at")
        .first()
    )
    return max(0.0, (soonest - now).total_seconds()) if soonest else math.inf


def _idle_since(now: datetime) -> datetime | None:
    hours = conf.get_end_after()
    return None if hours is None else now - timedelta(hours=hours)


def _work(delay: float) -> None:
    time.sleep(delay)
    with fork_guard:
        try:
            publish_and_end(timezone.now())
            for job in _jobs:
                job.start()
        except Exception:
            logger.exception("Can't keep house, again in %s s.", INTERVAL)
        finally:
            connections.close_all()


@receiver(readers_waiting)
def look_while_readers_wait(sender, **kwargs) -> None:
    housekeeper.look()


housekeeper = Housekeeper()
os.register_at_fork(after_in_child=housekeeper.__init__)
