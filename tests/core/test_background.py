"""A process that forks while others of its threads ask the database."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Timer

import pytest

from wagtail_live.background import ForkGuard, fork_guard

# What Python warns of is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def fork() -> int:
    """The status with which the child ends."""
    pid = os.fork()
    if pid == 0:
        with fork_guard:
            os._exit(0)
    return os.waitpid(pid, 0)[1]


@pytest.fixture
def threads():
    with ThreadPoolExecutor() as pool:
        yield pool


def test_a_fork_waits_for_who_is_inside(threads):
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


def test_who_is_inside_may_fork():
    with fork_guard, fork_guard:
        assert fork() == 0


def test_a_fork_does_not_wait_for_ever(threads, monkeypatch):
    monkeypatch.setattr("wagtail_live.background.PATIENCE", 0.05)
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
