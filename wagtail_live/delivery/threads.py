"""The threads of a WSGI server in which readers wait."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .. import conf
from ..background import after_fork
from ..signals import access_changed

REFUSED_POLL_AGE = 0.25  # seconds by which an update may be late
MAX_REFUSED_POLLS = 1000
# Where a server without threads serves requests; Django's reloader starts the second one.
SERVING_ALONE = "MainThread", "django-main-thread"


class NoThread(Exception):
    """No thread of the server is certain to stay free if a reader waits."""


class WaitingThreads:
    """Counts the threads of this process in which readers wait. Thread-safe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all threads, in a forked child."""
        self._lock = threading.Lock()
        self._count = 0

    @contextmanager
    def occupy(self, maximum: float) -> Iterator[None]:
        """Count a thread while a reader waits; raise ``NoThread`` above the maximum."""
        with self._lock:
            if self._count >= maximum:
                raise NoThread
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1


def get_maximum(environ: Mapping[str, Any]) -> float:
    """Return how many readers may wait in this process; called in a thread of the server.

    One of its threads stays free.
    """
    has_threads = environ.get("wsgi.multithread", False)
    if not has_threads or threading.current_thread().name in SERVING_ALONE:
        return 0
    maximum = conf.get_max_waiting_threads()
    threads = count_threads_of_gunicorn()
    return maximum if threads is None else min(maximum, threads - 1)


def count_threads_of_gunicorn() -> int | None:
    """Return the number that gunicorn was started with; ``None`` under other servers.

    Its threaded worker says ``wsgi.multithread`` also with one thread, the default, and so
    do its workers with greenlets, in which an event loop that waits stops all others.
    """
    worker = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return getattr(getattr(worker, "cfg", None), "threads", None)


class RefusedPolls:
    """Polls of public channels that were answered at once a moment ago.

    They get the same answer without a query, as from a shared cache: scripts that ask
    without a pause would otherwise keep the process busy with the database.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self, **kwargs: Any) -> None:
        """Forget all polls: access to a page may have ended."""
        self._until: dict[Hashable, float] = {}

    def add(self, poll: Hashable) -> None:
        if len(self._until) >= MAX_REFUSED_POLLS:
            self.reset()
        self._until[poll] = time.monotonic() + REFUSED_POLL_AGE

    def __contains__(self, poll: Hashable) -> bool:
        return self._until.get(poll, 0) > time.monotonic()


waiting_threads = WaitingThreads()
refused_polls = RefusedPolls()
after_fork(waiting_threads.reset)
access_changed.connect(refused_polls.reset)
