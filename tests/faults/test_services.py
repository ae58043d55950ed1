"""The database and the bus fail while readers follow and reporters write."""

import time

import psycopg
import pytest
from django.db import connection

from tests.faults.journal import Journal
from tests.faults.readers import LIVE
from tests.servers import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SECOND = 1_000_000_000  # nanoseconds
LATEST_LOOK = 5 * SECOND  # what the hub finds without its bus
MARGIN = 10 * SECOND  # on a busy machine
LONGEST_WAIT = 10  # seconds, of a reporter on a busy machine

LISTENERS = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
KILL_LISTENERS = f"SELECT pg_terminate_backend(pid) FROM ({LISTENERS}) AS listeners"


def test_f_12_readers_stay_while_postgresql_is_unavailable(
    postgres, use_bus, start_server, match_page, crowd_at, reporters
):
    settings = use_bus("postgres")
    audience = crowd_at(start_server(settings=settings)).follow(match_page, LIVE, 60)
    newsroom = reporters(match_page, settings, reporters=2, pause=0.2)
    newsroom.wait_for(6)
    postgres.kill()
    time.sleep(3)  # what readers must outlast
    connects = [reader.connects for reader in audience.readers]
    postgres.start()
    connection.close()  # this process lost its own
    started = time.monotonic()
    newsroom.wait_for(20)
    audience.check(newsroom.stop())
    assert time.monotonic() - started < 30
    assert connects == [1] * 60, "readers were sent away"


@pytest.mark.redis
def test_f_13_a_restarted_redis_delays_updates(
    use_bus, start_server, redis_server, match_page, crowd_at, reporters
):
    settings = use_bus("redis")
    server = start_server(settings=settings)
    audience = crowd_at(server).follow(match_page, LIVE, 60)
    newsroom = reporters(match_page, settings, reporters=2, pause=0.2)
    newsroom.wait_for(10)
    redis_server.kill()
    newsroom.wait_for(40)
    redis_server.start()
    newsroom.wait_for(60)
    report = audience.check(newsroom.stop())
    assert report.latest < LATEST_LOOK + MARGIN
    assert newsroom.longest_wait < LONGEST_WAIT
    wait_until_prompt(audience)


@pytest.mark.redis
def test_f_13_a_paused_redis_delays_updates(
    use_bus, start_server, redis_server, match_page, crowd_at, reporters
):
    settings = use_bus("redis")
    server = start_server(settings=settings)
    audience = crowd_at(server).follow(match_page, LIVE, 60)
    newsroom = reporters(match_page, settings, reporters=2, pause=0.2)
    newsroom.wait_for(10)
    redis_server.pause()
    time.sleep(LONGEST_WAIT + 5)  # the length of the fault
    redis_server.resume()
    report = audience.check(newsroom.stop())
    assert report.latest < LATEST_LOOK + MARGIN
    assert newsroom.longest_wait < LONGEST_WAIT, "a reporter had to wait for Redis"
    wait_until_prompt(audience)


def test_f_13_a_listener_that_is_killed_comes_back(
    postgres, use_bus, start_server, match_page, crowd_at, reporters
):
    settings = use_bus("postgres")
    server = start_server(settings=settings)
    audience = crowd_at(server).follow(match_page, LIVE, 60)
    newsroom = reporters(match_page, settings, reporters=2, pause=0.2)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as session:
        for killed in range(1, 3):
            wait_until(lambda: session.execute(KILL_LISTENERS).fetchall())
            newsroom.wait_for(15 * killed)
    report = audience.check(newsroom.stop())
    assert report.latest < LATEST_LOOK + MARGIN
    wait_until_prompt(audience)


@pytest.mark.redis
def test_f_14_messages_are_dropped_repeated_and_reordered(
    use_bus, start_server, match_page, crowd_at, reporters
):
    settings = use_bus("redis", "tests.faults.buses.UnreliableRedisBus")
    audience = crowd_at(start_server(settings=settings)).follow(match_page, LIVE, 60)
    newsroom = reporters(match_page, settings, reporters=3, changes=12, pause=0.2)
    report = audience.check(newsroom.finish())
    assert report.latest < LATEST_LOOK + MARGIN


def wait_until_prompt(audience, timeout=30):
    """Wait until an update reaches all readers within a second again."""

    def is_prompt():
        number = Journal().publish(audience.page)
        published = time.monotonic()
        audience.all(lambda reader: reader.latest >= number)
        return time.monotonic() - published < 1

    wait_until(is_prompt, timeout=timeout)
