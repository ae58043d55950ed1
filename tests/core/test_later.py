"""Tasks run after the commit, in the site's worker or in a few threads."""

import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from django.db import OperationalError, transaction
from django_tasks import task
from django_tasks.backends.dummy import DummyBackend

from tests.servers import wait_until
from wagtail_live import background
from wagtail_live.background import MAX_THREADS, Threads, later

calls = []


@task()
def note(number):
    calls.append((number, threading.current_thread().name))


@pytest.fixture(autouse=True)
def no_calls():
    calls.clear()


@pytest.mark.django_db(transaction=True)
def test_a_task_runs_after_the_commit_in_the_background():
    with transaction.atomic():
        later(note, 1)
        assert calls == []
    wait_until(lambda: calls)
    assert calls == [(1, "wagtail-live-background")]


@pytest.mark.django_db(transaction=True)
def test_nothing_runs_after_a_rollback(monkeypatch):
    monkeypatch.setattr(background.threads, "add", None)
    with transaction.atomic():
        later(note, 1)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_site_with_a_worker_gets_its_tasks_there(settings, monkeypatch):
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}
    }
    monkeypatch.setattr(background.threads, "add", None)
    later(note, 1)
    backend = note.get_backend()
    assert isinstance(backend, DummyBackend)
    assert [result.args for result in backend.results] == [[1]]
    assert calls == []


def test_a_job_that_fails_stops_no_other(caplog):
    threads = Threads()
    done = []
    threads.add(lambda: 1 / 0)
    threads.add(lambda: done.append(1))
    assert threads.wait(10)
    wait_until(lambda: done)
    assert "failed" in caplog.text


def test_a_job_that_finds_sqlite_locked_is_retried(monkeypatch, caplog):
    threads = Threads()
    errors = [OperationalError("database is locked") for _ in range(3)]
    tried = []

    def job():
        tried.append(1)
        if errors:
            raise errors.pop()

    threads.add(job)
    wait_until(lambda: len(tried) == 4)
    assert threads.wait(10)
    assert not caplog.text
    monkeypatch.setattr(background, "LOCK_TIMEOUT", 0.1)
    errors += [OperationalError("database is locked")] * 100
    threads.add(job)
    wait_until(lambda: "locked" in caplog.text)
    assert threads.wait(10)


@pytest.mark.django_db
def test_nothing_is_retried_within_a_transaction():
    tried = []

    def job():
        tried.append(1)
        raise OperationalError("database is locked")

    with transaction.atomic(), pytest.raises(OperationalError):
        background.retry_if_locked(job)
    assert tried == [1]


def test_other_database_errors_are_not_retried(caplog):
    threads = Threads()
    tried = []

    def job():
        tried.append(1)
        raise OperationalError("no such table: wagtail_live_channel")

    threads.add(job)
    assert threads.wait(10)
    wait_until(lambda: "no such table" in caplog.text)
    assert tried == [1]


def test_a_connection_that_cannot_be_closed_blocks_no_thread(monkeypatch, caplog):
    threads = Threads(max_threads=1)
    done = []

    def fail():
        raise OperationalError("connection lost")

    monkeypatch.setattr(background, "connections", type("", (), {"close_all": fail}))
    threads.add(lambda: done.append(1))
    threads.add(lambda: done.append(2))
    wait_until(lambda: done == [1, 2])
    assert threads.wait(10)
    assert "connection lost" in caplog.text


def test_a_thread_that_the_system_refuses_is_not_counted(monkeypatch):
    threads = Threads(max_threads=1)
    done = []

    def refuse(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            threads.add(lambda: done.append(1))
    threads.add(lambda: done.append(2))
    wait_until(lambda: done == [1, 2])


def test_there_are_never_more_than_a_few_threads():
    threads = Threads()
    running, most, lock = [], [], threading.Lock()
    go = threading.Event()

    def job():
        with lock:
            running.append(1)
            most.append(len(running))
        go.wait(10)
        with lock:
            running.pop()

    for _ in range(MAX_THREADS * 3):
        threads.add(job)
    wait_until(lambda: len(running) == MAX_THREADS)
    go.set()
    wait_until(lambda: len(most) == MAX_THREADS * 3)
    assert max(most) == MAX_THREADS


def test_a_job_waits_for_its_time_and_lets_others_go_first(monkeypatch):
    clock = SimpleNamespace(monotonic=lambda: clock.now, sleep=time.sleep, now=0.0)
    monkeypatch.setattr(background, "time", clock)
    threads = Threads()
    done = []
    threads.add(lambda: done.append("late"), 0.3)
    threads.add(lambda: done.append("at once"))
    wait_until(lambda: done)
    assert done == ["at once"]
    clock.now = 0.2
    assert threads.wait(10)
    assert done == ["at once"]
    clock.now = 0.3
    wait_until(lambda: len(done) == 2)
    assert done == ["at once", "late"]


def test_threads_end_when_there_is_nothing_to_do(monkeypatch):
    monkeypatch.setattr(background, "IDLE_TIMEOUT", 0.05)
    threads = Threads()
    threads.add(lambda: None)
    wait_until(lambda: threads._count == 0)
    done = []
    threads.add(lambda: done.append(1))
    wait_until(lambda: done)


FORKING = """
import os, time, django
django.setup()
from wagtail_live.background import threads
threads.add(lambda: None)
threads.wait(10)
if os.fork() == 0:
    threads.add(lambda: os.write(1, b"done"))
    time.sleep(0.5)
    threads.wait(10)
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_begins_with_threads_of_its_own():
    """Some servers load the site before they fork."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    forking = [sys.executable, "-W", "ignore", "-c", FORKING]
    assert subprocess.check_output(forking, env=environment) == b"done"
