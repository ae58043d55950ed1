"""Server processes that end while readers follow and reporters write."""

import sys
import time
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import connection

from tests.faults.conftest import WITH_PROTOCOL
from tests.faults.journal import Journal
from tests.faults.readers import LIVE, MIXED
from tests.parallel import NIGHTLY
from tests.servers import SiteServer, Uvicorn

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

MAX_CONNECTIONS = 20
CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"


class PlainUvicorn(Uvicorn):
    """A server without options for a graceful shutdown."""

    def command(self):
        port = str(self.port)
        return [sys.executable, "-m", "uvicorn", self.application, "--port", port]


class PlainUvicornWithProtocol(PlainUvicorn):
    def command(self):
        return [*super().command(), *WITH_PROTOCOL]


class GunicornWithUvicorn(SiteServer):
    application = "tests.asgi:application"
    worker = "uvicorn_worker.UvicornWorker"

    def command(self):
        return [
            *(sys.executable, "-m", "gunicorn", self.application),
            *("--bind", f"127.0.0.1:{self.port}"),
            *("--worker-class", self.worker),
            *("--worker-tmp-dir", str(self.folder), "--no-control-socket"),
        ]


class GunicornWithProtocol(GunicornWithUvicorn):
    worker = "tests.servers.worker.LongPollWorker"


@pytest.mark.redis
@pytest.mark.parametrize(
    ("is_direct", "arguments"),
    [(True, ()), (True, WITH_PROTOCOL), pytest.param(False, (), marks=NIGHTLY)],
    ids=["direct", "protocol", "not direct"],
)
def test_f_09_a_killed_server_loses_nothing(
    is_direct, arguments, use_bus, start_server, match_page, crowd_at, reporters
):
    settings = {**use_bus("redis"), "WAGTAIL_LIVE_DIRECT_STREAMS": is_direct}
    servers = [start_server(Uvicorn, *arguments, settings=settings) for _ in range(3)]
    audience = crowd_at(*servers).follow(match_page, MIXED, 200)
    newsroom = reporters(match_page, settings, reporters=4, pause=0.3)
    newsroom.wait_for(15)
    servers[0].kill()
    newsroom.wait_for(35)
    servers[0].start()
    newsroom.wait_for(50)
    audience.check(newsroom.stop())


@pytest.mark.parametrize(
    ("server_class", "is_direct"),
    [
        (PlainUvicorn, True),
        (PlainUvicorn, False),
        (PlainUvicornWithProtocol, True),
        (GunicornWithUvicorn, True),
        (GunicornWithProtocol, True),
    ],
)
def test_f_10_readers_survive_a_stop(
    server_class, is_direct, start_server, match_page, crowd_at
):
    settings = {"WAGTAIL_LIVE_DIRECT_STREAMS": is_direct}
    server = start_server(server_class, settings=settings)
    audience = crowd_at(server).follow(match_page, LIVE, 51)
    journal = Journal()
    with watch(lambda: audience.count(lambda reader: reader.is_waiting)) as waiting:
        server.terminate(timeout=30)  # it would wait for readers for ever
    assert steepest_fall(waiting) < 51 * 0.8, "they came to the other servers at once"
    journal.publish(match_page)
    server.start()
    audience.check(journal)


def test_f_11_everybody_comes_back_after_a_restart(
    start_server, match_page, crowd_at, reporters
):
    servers = [start_server() for _ in range(2)]
    audience = crowd_at(*servers).follow(match_page, LIVE, 500)
    newsroom = reporters(match_page, pause=1)
    with watch(count_database_clients) as clients:
        for server in servers:
            server.kill()
        newsroom.wait_for(3)
        for server in servers:
            server.start()
        audience.check(newsroom.stop(), timeout=60)
    assert max(count for _, count in clients) <= MAX_CONNECTIONS


@contextmanager
def watch(read, interval=0.1):
    """Read a number again and again in a thread, with the time."""
    readings, is_over = [], Event()

    def keep_reading():
        while not is_over.wait(interval):
            readings.append((time.monotonic(), read()))
        connection.close()

    thread = Thread(target=keep_reading)
    thread.start()
    try:
        yield readings
    finally:
        is_over.set()
        thread.join()


def count_database_clients():
    with connection.cursor() as cursor:
        cursor.execute(CLIENTS)
        return cursor.fetchone()[0]


def steepest_fall(readings, seconds=0.3):
    """Return the largest decrease of a number within some seconds."""
    return max(
        before - after
        for start, before in readings
        for end, after in readings
        if start <= end <= start + seconds
    )
