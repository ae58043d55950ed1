"""Background jobs and threads, and the handling of forks.

``later`` runs a job after the commit: in the worker that the site has configured for
``django_tasks``, or else in a few threads of this process. All threads of the package
are started here, except the hub's and the bus's.

URLs that are made here need the path below which the site is served. Without
``FORCE_SCRIPT_NAME`` only requests know it: it is the one that this process saw last.
"""

from __future__ import annotations

import atexit
import errno
import heapq
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections, transaction
from django.urls import get_script_prefix, set_script_prefix
from django_tasks.backends.immediate import ImmediateBackend

from . import cursors
from .signals import live_page_update

logger = logging.getLogger("wagtail_live.background")

WAIT_TIMEOUT = 5.0  # seconds that a fork or the end of the process waits for threads
MAX_THREADS = 4
IDLE_TIMEOUT = 5.0  # seconds after which a thread without a job ends
LOCK_TIMEOUT = 30.0  # seconds to keep retrying while SQLite is locked
RETRY_INTERVAL = 0.05  # seconds between these attempts

_script_name = "/"  # of the latest request


def later(job: Any, *arguments: Any, delay: float = 0) -> None:
    """Run a function or a task of ``django_tasks`` after the commit, and ``delay``
    seconds later at the earliest. A job that fails is logged, and a delayed task is left
    to housekeeping if the worker can't defer tasks."""
    remember_script_name()

    def start() -> None:
        backend = job.get_backend() if hasattr(job, "get_backend") else None
        if backend is None:
            threads.add(partial(job, *arguments), delay)
        elif isinstance(backend, ImmediateBackend):
            # It would run the task here, before the response.
            threads.add(partial(job.call, *arguments), delay)
        elif not delay:
            job.enqueue(*arguments)
        elif backend.supports_defer:
            moment = cursors.now() + timedelta(seconds=delay)
            job.using(run_after=moment).enqueue(*arguments)

    transaction.on_commit(start, robust=True)


def is_unavailable(error: BaseException) -> bool:
    """Return whether an error means that the database is unavailable, or that the process
    has no file descriptor left. It is answered with 503, and passes."""
    if isinstance(error, OSError):
        return error.errno in (errno.EMFILE, errno.ENFILE)
    return isinstance(error, OperationalError | InterfaceError)


def retry_if_locked(function: Callable, *arguments: Any) -> Any:
    """Call a function, and retry while another process keeps SQLite locked: writers wait
    there in no order, so one of them can time out. In a transaction there is no retry,
    because all of it would have to be repeated."""
    deadline = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            return function(*arguments)
        except OperationalError as error:
            in_use = connections.all(initialized_only=True)
            if (
                "is locked" not in str(error)
                or time.monotonic() > deadline
                or any(connection.in_atomic_block for connection in in_use)
            ):
                raise
        time.sleep(RETRY_INTERVAL)


def after_update(job: Callable) -> Callable:
    """Decorate a function to run in the background after each update, with the arguments
    of ``live_page_update``."""

    def start(sender: Any, signal: Any, **update: Any) -> None:
        later(partial(job, **update))

    live_page_update.connect(start, weak=False)
    return job


class Threads:
    """A few daemon threads, started when there are jobs and ended when there are none.

    With ``keeps_connections``, a thread connects to the database once, and a job closes a
    connection that fails.
    """

    def __init__(
        self, max_threads: int = MAX_THREADS, *, keeps_connections: bool = False
    ):
        self._max_threads = max_threads
        self._keeps_connections = keeps_connections
        self.reset()

    def reset(self) -> None:
        """Drop all jobs in a forked child: its parent runs them."""
        self._changed = threading.Condition()
        self._jobs: list[tuple] = []
        self._order = count()
        self._count = self._busy = 0

    def add(self, job: Callable[[], object], delay: float = 0) -> None:
        """Run a job in ``delay`` seconds."""
        with self._changed:
            due = time.monotonic() + delay
            heapq.heappush(self._jobs, (due, next(self._order), job))
            is_short = self._count - self._busy < len(self._jobs)
            if is_short and self._count < self._max_threads:
                threading.Thread(
                    target=self._work, name="wagtail-live-background", daemon=True
                ).start()
                self._count += 1  # only if the thread could start
            self._changed.notify_all()  # including callers of ``wait``

    @property
    def is_idle(self) -> bool:
        """Return whether no job is running or waiting, including delayed jobs."""
        with self._changed:
            return not self._busy and not self._jobs

    def wait(self, timeout: float = WAIT_TIMEOUT) -> bool:
        """Wait until all due jobs are done; return ``False`` after the timeout."""
        with self._changed:
            return self._changed.wait_for(self._is_done, timeout)

    def _is_done(self) -> bool:
        is_due = self._jobs and self._jobs[0][0] <= time.monotonic()
        return not self._busy and not is_due

    def _work(self) -> None:
        while job := self._next():
            try:
                with fork_guard:
                    try:
                        retry_if_locked(job)
                    finally:
                        if not self._keeps_connections:
                            connections.close_all()
            except Exception:
                logger.exception("A background job failed.")
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()
        connections.close_all()

    def _next(self) -> Callable[[], object] | None:
        """Return the next job that is due; ``None`` ends the thread."""
        with self._changed:
            while True:
                now, jobs = time.monotonic(), self._jobs
                due_in = jobs[0][0] - now if jobs else IDLE_TIMEOUT
                if due_in <= 0:
                    self._busy += 1
                    return heapq.heappop(self._jobs)[2]
                if not self._changed.wait(due_in) and not self._jobs:
                    self._count -= 1
                    return None


class ForkGuard:
    """Delays forks while threads run code in ``with fork_guard:``. Reentrant; any number
    of threads may be inside.

    Otherwise a lock held by a database library, such as SQLite's memory lock, would stay
    locked in the child forever, where only the forking thread exists.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the threads that were inside, in a forked child."""
        self._changed = threading.Condition()
        self._inside: Counter[int] = Counter()

    def __enter__(self) -> None:
        with self._changed:
            self._inside[threading.get_ident()] += 1

    def __exit__(self, *exception: object) -> None:
        with self._changed:
            self._inside[threading.get_ident()] -= 1
            self._inside += Counter()  # drops zero counts
            self._changed.notify_all()

    def close(self) -> None:
        """Wait until no other thread is inside, and keep others out."""
        self._changed.acquire()
        alone = {threading.get_ident()}
        self._changed.wait_for(lambda: self._inside.keys() <= alone, WAIT_TIMEOUT)

    def open(self) -> None:
        self._changed.release()


def after_fork(callback: Callable[[], object]) -> None:
    """Call a function in each forked child, to drop the state of its parent."""
    os.register_at_fork(after_in_child=callback)


fork_guard = ForkGuard()
os.register_at_fork(before=fork_guard.close, after_in_parent=fork_guard.open)
after_fork(fork_guard.reset)
threads = Threads()
after_fork(threads.reset)
atexit.register(lambda: threads.wait())  # for jobs of a command, such as indexing


def remember_script_name(prefix: str | None = None) -> None:
    """Remember the path of a request, by default of the one that is being answered."""
    global _script_name
    prefix = get_script_prefix() if prefix is None else prefix
    # In a thread without a request it is the root, too.
    if prefix.strip("/"):
        _script_name = prefix


def forget_script_name() -> None:
    global _script_name
    _script_name = "/"


@contextmanager
def as_in_requests() -> Iterator[None]:
    """Make URLs as a request does, also outside of requests."""
    prefix = get_script_prefix()
    if prefix != "/":
        yield
        return
    forced = settings.FORCE_SCRIPT_NAME
    set_script_prefix(_script_name if forced is None else forced)
    try:
        yield
    finally:
        set_script_prefix(prefix)
