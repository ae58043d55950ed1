"""Each bus sends an update to all processes, after the commit and only then."""

import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Queue
from threading import Semaphore

import psycopg
import pytest
from django.db import connection, transaction
from freezegun import freeze_time

from tests.delivery.following import following, long_polls
from tests.load.marks import marked_text
from tests.servers import wait_until
from wagtail_live import cursors
from wagtail_live.bus import get_bus
from wagtail_live.bus.base import BaseBus, decode, encode
from wagtail_live.bus.postgres import PostgresBus
from wagtail_live.bus.redis import RedisBus
from wagtail_live.delivery.hub import close_hub

PATIENCE = 30  # seconds
SENTINEL = "the end", cursors.from_timestamp(1.0)
NOWHERE = "redis://127.0.0.1:1/0"  # nothing listens there

REAL_BUSES = [
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("redis", marks=pytest.mark.redis),
    "file",
]


class FileBus(BaseBus):
    """A bus as a third party would write it: all processes follow one file."""

    def publish(self, message):
        with open(self.location, "a") as file:
            file.write(f"{message}\n")

    def listen(self, stopping):
        with open(self.location, "a+") as file:
            file.seek(0, os.SEEK_END)
            yield None
            line = ""
            while not stopping.wait(0.02):
                line += file.readline()  # a part, if another process is just writing it
                if line.endswith("\n"):
                    yield line.rstrip("\n")
                    line = ""
                else:
                    yield ""


class Hourly:
    """A bus on which an update that it does not send is found after an hour."""

    look_interval = 3600.0


class HourlyFileBus(Hourly, FileBus): ...


class HourlyPostgresBus(Hourly, PostgresBus): ...


class HourlyRedisBus(Hourly, RedisBus): ...


class BrokenBus(BaseBus):
    """Counts how often it is asked, and fails."""

    tries = 0

    def publish(self, message):
        type(self).tries += 1
        raise ConnectionError("The bus has been in an accident.")


@pytest.fixture(autouse=True)
def no_bus_yet(monkeypatch):
    monkeypatch.setattr("wagtail_live.bus.base._current", None)


@pytest.fixture
def bus(request, settings, tmp_path):
    """The bus named by the test's parameter, as the site has set it."""
    name = getattr(request, "param", "file")
    backend = {
        "database": "wagtail_live.bus.database.DatabaseBus",
        "postgres": "wagtail_live.bus.postgres.PostgresBus",
        "redis": "wagtail_live.bus.redis.RedisBus",
        "file": "tests.bus.test_buses.FileBus",
        "broken": "tests.bus.test_buses.BrokenBus",
    }[name]
    configuration = {"BACKEND": backend}
    if name == "redis":
        configuration["LOCATION"] = request.getfixturevalue("redis_server").url
    if name == "file":
        configuration["LOCATION"] = str(tmp_path / "bus")
    settings.WAGTAIL_LIVE_BUS = {"default": configuration}
    yield get_bus()
    close_hub()


@contextmanager
def listening(bus):
    """A queue of a bus's messages, with ``None`` for each connection."""
    heard = Queue()
    bus.start(lambda *message: heard.put(message or None))
    try:
        assert heard.get(timeout=PATIENCE) is None
        yield heard
    finally:
        bus.stop()


def heard_until_sentinel(bus, heard):
    """Return the messages before a last one, which comes after all others."""
    say_now(bus, encode(*SENTINEL))
    return list(iter(lambda: heard.get(timeout=PATIENCE), SENTINEL))


def say_now(bus, message):
    """Send a message, outside of any transaction of the test."""
    if isinstance(bus, PostgresBus):
        aside = connection.copy()
        with aside.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [bus.channel, message])
        aside.close()
    else:
        bus.publish(message)


@pytest.mark.parametrize("bus", ["database", *REAL_BUSES], indirect=True)
def test_an_update_reaches_the_readers_of_another_process(
    bus, settings, start_server, match_page
):
    configuration = settings.WAGTAIL_LIVE_BUS["default"].copy()
    if bus.listens:
        configuration["BACKEND"] = f"{__name__}.Hourly{type(bus).__name__}"
    server = start_server(settings={"WAGTAIL_LIVE_BUS": {"default": configuration}})
    readers = long_polls(match_page, 10)
    with following(server, readers) as until:
        for number in range(1, 5):
            match_page.add_live_post(marked_text(number))
            until(lambda reader: reader.latest == number)  # noqa: B023
    assert all(len(reader.log) == 4 for reader in readers)


@pytest.mark.postgres
def test_postgres_listens_where_its_location_says(
    settings, start_server, match_page, postgres
):
    database = connection.settings_dict["NAME"]
    bus = {"BACKEND": "wagtail_live.bus.postgres.PostgresBus"}
    location = postgres.url(database) + "?application_name=listener"
    settings.WAGTAIL_LIVE_BUS = bus
    server = start_server(settings={"WAGTAIL_LIVE_BUS": {**bus, "LOCATION": location}})
    with following(server, long_polls(match_page, 1)) as until:
        wait_until(lambda: "listener" in applications(postgres))
        for number in range(1, 4):
            match_page.add_live_post(marked_text(number))
            until(lambda reader: reader.latest == number)  # noqa: B023


def applications(postgres):
    query = "SELECT application_name FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    with psycopg.connect(postgres.url("postgres")) as session:
        return [name for (name,) in session.execute(query)]


@pytest.mark.parametrize("bus", REAL_BUSES, indirect=True)
def test_nothing_is_announced_before_the_commit(bus, transactional_db, match_page):
    with listening(bus) as heard:
        with transaction.atomic():
            post = match_page.add_live_post("<p>Goal</p>")
            say_now(bus, encode(*SENTINEL))
            assert heard.get(timeout=PATIENCE) == SENTINEL
        assert heard.get(timeout=PATIENCE) == (match_page.channel_id, post.updated_at)


@pytest.mark.parametrize("bus", REAL_BUSES, indirect=True)
def test_a_rollback_is_not_announced(bus, transactional_db, match_page):
    """F2, R4: a rollback sends nothing."""
    with listening(bus) as heard:
        with transaction.atomic():
            match_page.add_live_post("<p>Offside</p>")
            transaction.set_rollback(True)
        assert match_page.live_posts.count() == 0
        assert heard_until_sentinel(bus, heard) == []


@pytest.mark.parametrize("bus", REAL_BUSES, indirect=True)
def test_each_change_is_announced_once_and_in_order(bus, transactional_db, match_page):
    with listening(bus) as heard:
        post = match_page.add_live_post("<p>Goal</p>")
        said = [post.updated_at]
        said.append(match_page.update_live_post(post, show=False).updated_at)
        match_page.delete_live_post(post)
        said.append(match_page.last_updated_at)
        channel_id = match_page.channel_id
        assert heard_until_sentinel(bus, heard) == [
            (channel_id, cursor) for cursor in said
        ]


@pytest.mark.parametrize("bus", REAL_BUSES, indirect=True)
def test_every_channel_id_can_be_announced(bus, transactional_db):
    cursor = cursors.from_timestamp(1234567890.123456)
    with listening(bus) as heard:
        for channel_id in ("c" * 255, "Fußball live", "⚽" * 255, '"'):
            say_now(bus, encode(channel_id, cursor))
            assert heard.get(timeout=PATIENCE) == (channel_id, cursor)


def test_a_message_is_small(match_page):
    """F1: a message says where to look, and nothing else."""
    cursor = match_page.last_updated_at
    assert len(encode(match_page.channel_id, cursor)) < 60
    assert len(encode("c" * 255, cursor)) < 400
    assert decode(encode(match_page.channel_id, cursor)) == (
        match_page.channel_id,
        cursor,
    )


@pytest.mark.postgres
@pytest.mark.parametrize("bus", ["postgres"], indirect=True)
def test_postgres_listens_again_after_its_connection_is_cut(
    bus, transactional_db, match_page, postgres
):
    listener = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    with listening(bus) as heard:
        with psycopg.connect(postgres.url("postgres")) as session:
            # False for one that is just ending by itself, of an earlier test.
            assert (True,) in session.execute(listener).fetchall()
        assert heard.get(timeout=PATIENCE) is None, "the hub looks after a reconnect"
        post = match_page.add_live_post("<p>Goal</p>")
        assert heard.get(timeout=PATIENCE) == (match_page.channel_id, post.updated_at)


@pytest.mark.redis
@pytest.mark.parametrize("bus", ["redis"], indirect=True)
def test_redis_listens_again_after_a_restart(
    bus, transactional_db, match_page, redis_server
):
    with listening(bus) as heard:
        redis_server.restart()
        assert heard.get(timeout=PATIENCE) is None, "the hub looks after a reconnect"
        post = match_page.add_live_post("<p>Goal</p>")
        assert heard.get(timeout=PATIENCE) == (match_page.channel_id, post.updated_at)


NONSENSE = ["hello", "[]", '{"a": 1}', '["a", "b"]', '["a", 1e300]', "[[], 1.0]", "NaN"]


@pytest.mark.parametrize("bus", REAL_BUSES, indirect=True)
def test_other_messages_on_the_same_bus_are_ignored(bus, transactional_db):
    with listening(bus) as heard:
        for nonsense in NONSENSE:
            say_now(bus, nonsense)
        assert heard_until_sentinel(bus, heard) == []


@pytest.mark.parametrize("bus", ["broken"], indirect=True)
def test_a_broken_bus_is_left_alone_for_a_while(
    bus, transactional_db, match_page, caplog, monkeypatch
):
    """F4: no writer fails or waits for it."""
    monkeypatch.setattr(BrokenBus, "tries", 0)
    with caplog.at_level(logging.WARNING, "wagtail_live.bus"), freeze_time() as clock:
        for _ in range(5):
            match_page.add_live_post("<p>Goal</p>")
        assert match_page.live_posts.count() == 5
        assert BrokenBus.tries == 1
        clock.tick(BrokenBus.look_interval)
        match_page.add_live_post("<p>More</p>")
        assert BrokenBus.tries == 2
    (record,) = caplog.records
    assert "BrokenBus can't send messages" in record.getMessage()
    assert "accident" in record.getMessage()


@pytest.mark.redis
def test_a_writer_does_not_need_redis(transactional_db, match_page, settings, caplog):
    settings.WAGTAIL_LIVE_BUS = {
        "BACKEND": "wagtail_live.bus.redis.RedisBus",
        "LOCATION": NOWHERE,
    }
    for _ in range(3):
        match_page.add_live_post("<p>Goal</p>")
    assert match_page.live_posts.count() == 3
    assert "RedisBus can't send messages" in caplog.text
    assert type(get_bus()) is RedisBus


def test_connecting_is_retried_with_back_off(caplog):
    tries = []

    class Unreachable(BaseBus):
        def listen(self, stopping):
            tries.append(time.monotonic())
            raise ConnectionError("No route to host")
            yield

    bus = Unreachable()
    bus.start(lambda *message: None)
    wait_until(lambda: len(tries) >= 4)
    bus.stop()
    assert tries[-1] - tries[0] >= 3 * 0.05
    assert caplog.text.count("No route to host") == 1


def test_a_listener_that_was_stopped_changes_nothing_when_it_ends(caplog):
    """The hub stops listening when nobody waits, and may start again at once."""
    heard, listeners, first_may_end = Queue(), [], threading.Event()

    class Bus(BaseBus):
        def listen(self, stopping):
            listeners.append(threading.current_thread())
            yield None
            stopping.wait(PATIENCE)
            first_may_end.wait(PATIENCE)
            raise ConnectionError("The connection is lost.")

    bus = Bus()
    bus.start(lambda *message: heard.put(message))
    assert heard.get(timeout=PATIENCE) == ()
    bus.stop()
    bus.start(lambda *message: heard.put(message))
    assert heard.get(timeout=PATIENCE) == ()
    first_may_end.set()
    listeners[0].join(PATIENCE)
    assert bus.is_connected
    bus.stop()
    listeners[1].join(PATIENCE)
    assert not caplog.text


@pytest.mark.parametrize("bus", ["file"], indirect=True)
def test_a_bus_is_created_again_when_its_settings_change(bus, settings, tmp_path):
    assert get_bus() is bus
    location = str(tmp_path / "other")
    settings.WAGTAIL_LIVE_BUS = {
        "BACKEND": "tests.bus.test_buses.FileBus",
        "LOCATION": location,
        "OPTIONS": {"colour": "red"},
    }
    assert get_bus() is not bus
    assert get_bus().location == location
    assert get_bus().options == {"colour": "red"}


def test_a_wrong_setting_is_logged_and_stops_nobody(
    settings, start_server, match_page, caplog
):
    """gunicorn and uvicorn run no system checks."""
    wrong = {"BACKEND": "wagtail_live.bus.redis.RedisBuss"}
    settings.WAGTAIL_LIVE_BUS = wrong
    server = start_server(settings={"WAGTAIL_LIVE_BUS": wrong})
    with following(server, long_polls(match_page, 2)) as until:
        for number in (1, 2):
            match_page.add_live_post(marked_text(number))
            until(lambda reader: reader.latest == number)  # noqa: B023
    (record,) = [each for each in caplog.records if each.name == "wagtail_live.bus"]
    assert record.levelname == "ERROR"
    assert "WAGTAIL_LIVE_BUS must be the dotted path" in record.getMessage()
    assert "Leave WAGTAIL_LIVE_BUS out for the default" in record.getMessage()


class SlowBus(BaseBus):
    """Takes its time to be made, in which another thread could make another."""

    made = Semaphore(0)

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.made.release()
        time.sleep(0.1)


def test_all_threads_of_a_process_share_a_bus(settings):
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": f"{__name__}.SlowBus"}
    with ThreadPoolExecutor() as threads:
        first = threads.submit(get_bus)
        assert SlowBus.made.acquire(timeout=PATIENCE)
        assert get_bus() is first.result(PATIENCE)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_process_has_a_bus_of_its_own():
    bus = get_bus()
    child = os.fork()
    if not child:
        os._exit(get_bus() is bus)
    assert os.waitpid(child, 0)[1] == 0
