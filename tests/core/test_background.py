"""A process that forks while others of its threads ask the database."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Timer
from uuid import uuid4

import pytest

from wagtail_live import background, bus, frontend_cache
from wagtail_live.background import ForkGuard, fork_guard
from wagtail_live.delivery.limits import limits
from wagtail_live.search import indexer

# What Python warns of is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def fork(is_right=lambda: True) -> int:
    """The status with which the child ends."""
    pid = os.fork()
    if pid == 0:
        with fork_guard:
            os._exit(0 if is_right() else 1)
    return os.waitpid(pid, 0)[1]


@pytest.fixture(autouse=True)
def patient_forks(monkeypatch):
    """A fork waits as long as a busy machine may take."""
    monkeypatch.setattr("wagtail_live.background.WAIT_TIMEOUT", 60)


@pytest.fixture
def threads():
    with ThreadPoolExecutor() as pool:
        yield pool


def test_a_fork_waits_for_threads_inside(threads):
    entered, may_leave, has_left = Event(), Event(), Event()

    def ask():
        with fork_guard:
            entered.set()
            may_leave.wait()
            has_left.set()

    threads.submit(ask)
    entered.wait()
    Timer(0.2, may_leave.set).start()
    assert fork() == 0
    assert has_left.is_set()


def test_a_thread_inside_may_fork():
    with fork_guard, fork_guard:
        assert fork() == 0


def test_a_fork_does_not_wait_forever(threads, monkeypatch):
    monkeypatch.setattr("wagtail_live.background.WAIT_TIMEOUT", 0.05)
    guard = ForkGuard()
    entered, may_leave = Event(), Event()

    def ask():
        with guard:
            entered.set()
            may_leave.wait()

    threads.submit(ask)
    entered.wait()
    guard.close()
    guard.open()
    may_leave.set()


def test_a_child_starts_without_its_parents_state():
    may_end = Event()
    background.threads.add(may_end.wait)
    frontend_cache._waiting.add(1)
    indexer._waiting.add(uuid4())
    bus.get_bus()

    def is_clean():
        return (
            background.threads.is_idle
            and not frontend_cache._waiting
            and not indexer._waiting
            and bus.base._current is None
            and not limits.count()
        )

    with limits.acquire("channel", "10.0.0.1"):
        timer = Timer(0.2, may_end.set)
        timer.start()
        assert fork(is_clean) == 0
    assert frontend_cache._waiting == {1}
    frontend_cache._waiting.clear()
    indexer._waiting.clear()
