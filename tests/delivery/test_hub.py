"""Readers wait in the hub, in any event loop, and an update is rendered for them once."""

import asyncio
import gc
import json
import math
import os
import signal
import sys
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError, transaction
from django.db.backends.signals import connection_created
from django.test.signals import template_rendered
from django.utils import timezone

from tests.delivery.following import following, long_polls
from tests.load.marks import marked_text
from tests.servers import SiteServer, wait_until
from tests.servers.in_process import LoopThread
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.bus.base import BaseBus
from wagtail_live.cursors import to_timestamp
from wagtail_live.delivery import access, history, watch
from wagtail_live.delivery.access import ChannelGone
from wagtail_live.delivery.companions import companions
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.delivery.loader import Loader
from wagtail_live.delivery.wire import WireFormat
from wagtail_live.housekeeping import housekeeper
from wagtail_live.models import Channel
from wagtail_live.page import updates
from wagtail_live.page.timeline import PAGE_SIZE
from wagtail_live.permissions import SYSTEM

HUB_THREADS = {"wagtail-live-hub", "wagtail-live-loader", "wagtail-live-bus"}
FOREVER = 30  # seconds; no test waits so long
DATABASE_BUS = "wagtail_live.bus.database.DatabaseBus"


@pytest.fixture
def hub(transactional_db):
    close_hub()
    yield get_hub()
    close_hub()


@pytest.fixture
def quiet_bus(settings):
    """The hub looks at a channel only when it is told to."""
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": DATABASE_BUS, "OPTIONS": {"interval": 60}}


@pytest.fixture
def loop():
    with LoopThread() as loop:
        yield loop


@pytest.fixture
def channel(match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    return match_page.live_channel


@pytest.fixture
def other_page(home_page, match_page):
    return home_page.add_child(instance=MatchPage(title="Other", slug="other"))


def wait(channel, since=None, timeout=FOREVER, wire_format=WireFormat.DELTA, **options):
    """Wait in the hub at a cursor; the channel's own if none is given."""
    since = since or channel.last_updated_at
    return get_hub().wait_for_update(
        channel.channel_id, since, timeout, wire_format, **options
    )


async def wait_together(channel, count, **options):
    waiting = (wait(channel, **options) for _ in range(count))
    return await asyncio.gather(*waiting)


def until_waiting(hub, count):
    wait_until(lambda: hub.count_readers() == count, timeout=FOREVER)


def running_threads():
    names = {thread.name.split("_")[0] for thread in threading.enumerate()}
    return names & HUB_THREADS


@contextmanager
def count_queries(in_threads=HUB_THREADS, before=lambda: None):
    """Count the queries of connections opened meanwhile, by the name of the thread."""
    counts = Counter()

    def count(execute, *query):
        name = threading.current_thread().name.split("_")[0]
        if name in in_threads:
            counts[name] += 1
            before()
        return execute(*query)

    def install(connection, **kwargs):
        connection.execute_wrappers.append(count)

    connection_created.connect(install)
    try:
        yield counts
    finally:
        connection_created.disconnect(install)


@contextmanager
def record_renderings():
    names = []

    def record(template, **kwargs):
        names.append(template.name)

    template_rendered.connect(record)
    try:
        yield names
    finally:
        template_rendered.disconnect(record)


def test_readers_wait_in_several_event_loops_at_once(hub, channel):
    with ExitStack() as stack:
        loops = [stack.enter_context(LoopThread()) for _ in range(3)]
        waiting = [loop.start(wait_together(channel, 20)) for loop in loops]
        until_waiting(hub, 60)
        post = posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
        answers = [answer for future in waiting for answer in future.result(FOREVER)]
    assert len(answers) == 60
    assert len({id(answer.body) for answer in answers}) == 1, "not the same bytes"
    assert list(json.loads(answers[0].body)["updates"]) == [str(post.pk)]
    assert answers[0].cursor == post.updated_at


def test_readers_wait_in_plain_threads(hub, channel):
    answers = []

    async def follow_in_own_loop():
        answers.append(await wait(channel))

    follow = async_to_sync(follow_in_own_loop)

    threads = [threading.Thread(target=follow) for _ in range(8)]
    for thread in threads:
        thread.start()
    until_waiting(hub, 8)
    post = posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    for thread in threads:
        thread.join(FOREVER)
    assert [answer.cursor for answer in answers] == [post.updated_at] * 8


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts how often another thread calls into it."""

    crossings = 0

    def call_soon_threadsafe(self, *args, **kwargs):
        self.crossings += 1
        return super().call_soon_threadsafe(*args, **kwargs)


def test_waking_many_readers_crosses_into_each_loop_once(hub, quiet_bus, channel):
    with ExitStack() as stack:
        loops = [stack.enter_context(LoopThread(CountingLoop())) for _ in range(2)]
        waiting = [loop.start(wait_together(channel, 500)) for loop in loops]
        until_waiting(hub, 1000)
        before = [loop.loop.crossings for loop in loops]
        posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
        for future in waiting:
            assert all(future.result(FOREVER))
        after = [loop.loop.crossings for loop in loops]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]


def cost_of_an_update(hub, loop, channel, readers):
    """Return the queries and the renderings of one update."""
    close_hub()
    with count_queries() as queries, record_renderings() as rendered:
        channel.refresh_from_db()
        assert loop.run(wait(channel, timeout=0)) is None  # the hub looks, once for all
        formats = [WireFormat.DELTA, WireFormat.EVENT]
        waiting = [
            loop.start(wait_together(channel, readers, wire_format=f)) for f in formats
        ]
        wait_until(lambda: get_hub().count_readers() == readers * len(formats))
        before = queries.copy()
        posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
        for future in waiting:
            assert all(future.result(FOREVER))
        return queries - before, rendered.count("wagtail_live/live_post.html")


def test_an_update_costs_the_same_for_any_number_of_readers(
    hub, quiet_bus, loop, channel, monkeypatch
):
    # On a slow machine these would come between, whose queries are not the update's.
    monkeypatch.setattr("wagtail_live.delivery.hub.SWEEP_INTERVAL", 3600.0)
    monkeypatch.setattr(housekeeper, "_next_look", math.inf)
    queries, renderings = cost_of_an_update(hub, loop, channel, readers=1)
    assert renderings == 1
    assert 1 <= queries["wagtail-live-hub"] <= 6
    assert queries["wagtail-live-loader"] == 0
    assert cost_of_an_update(hub, loop, channel, readers=300) == (queries, renderings)


@pytest.mark.parametrize("wire_format", WireFormat)
def test_readers_at_one_old_cursor_are_answered_by_one_load(
    hub, quiet_bus, loop, channel, wire_format, monkeypatch
):
    start = channel.last_updated_at
    posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    load, asked = Loader.load, []

    async def count_and_load(*arguments):
        asked.append(arguments)
        return await load(*arguments)

    def until_all_have_asked():
        wait_until(lambda: len(asked) == 50)
        loop.run(asyncio.sleep(0))  # until the last one waits for the answer

    monkeypatch.setattr(Loader, "load", count_and_load)
    slow_database = count_queries({"wagtail-live-loader"}, before=until_all_have_asked)
    with slow_database, record_renderings() as rendered:
        answers = loop.run(
            wait_together(channel, 50, since=start, wire_format=wire_format)
        )
    assert len({id(answer.body) for answer in answers}) == 1
    assert rendered.count("wagtail_live/live_post.html") == 1


def test_an_old_cursor_is_answered_as_the_database_has_it(hub, loop, channel, subtests):
    start = channel.last_updated_at
    created = [
        posts.publish(channel, f"<p>{number}</p>", actor=SYSTEM) for number in range(4)
    ]
    posts.edit(channel, created[0], content="<p>Corrected</p>", actor=SYSTEM)
    posts.hide(channel, created[1], actor=SYSTEM)
    posts.delete(channel, created[2], actor=SYSTEM)
    channel.refresh_from_db()
    for wire_format in WireFormat:
        with subtests.test(wire_format=wire_format):
            answer = loop.run(wait(channel, start, wire_format=wire_format))
            assert answer.body == answer_of_database(channel, start, wire_format)
            assert answer.cursor == channel.last_updated_at


def answer_of_database(channel, since, wire_format):
    payload = updates.payload(
        channel, since, delta=wire_format.is_lean, overview=wire_format.has_overview
    )
    body = updates.serialise(payload)
    if wire_format.is_event:
        body = b"id: %r\ndata: %b\n\n" % (payload["lastUpdateTimestamp"], body)
    return body


@pytest.mark.parametrize("away", ["long", "short"])
def test_a_reader_who_missed_too_many_updates_gets_the_newest_page_and_all_ids(
    hub, loop, channel, away
):
    start = channel.last_updated_at
    if away == "short":
        assert loop.run(wait(channel, timeout=0)) is None
    for number in range(history.MAX_CHANGES + 10):
        posts.publish(channel, f"<p>{number}</p>", actor=SYSTEM)
    answer = json.loads(loop.run(wait(channel, start)).body)
    newest = [str(post.pk) for post in channel.posts.visible().oldest_first()]
    assert list(answer["updates"]) == newest[-PAGE_SIZE:]
    assert answer["currentPosts"] == newest
    channel.refresh_from_db()
    assert answer["lastUpdateTimestamp"] == to_timestamp(channel.last_updated_at)


def test_a_draft_wakes_nobody(hub, loop, channel, other_page):
    waiting = loop.start(wait(channel))
    elsewhere = loop.start(wait(other_page.live_channel))
    until_waiting(hub, 2)
    draft = posts.publish(channel, "<p>Perhaps</p>", show=False, actor=SYSTEM)
    other_page.add_live_post("<p>Meanwhile</p>")
    assert elsewhere.result(FOREVER), "the hub has seen the draft before this"
    assert hub.count_readers() == 1
    post = posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    answer = waiting.result(FOREVER)
    assert list(json.loads(answer.body)["updates"]) == [str(post.pk)]
    assert str(draft.pk).encode() not in answer.body


def test_a_reader_who_was_away_while_a_draft_was_written_waits(hub, loop, channel):
    start = channel.last_updated_at
    posts.publish(channel, "<p>Perhaps</p>", show=False, actor=SYSTEM)
    assert loop.run(wait(channel, start, timeout=0.1)) is None


def test_a_removal_that_is_purged_before_the_hub_looks_reaches_readers(
    hub, quiet_bus, loop, channel
):
    post = channel.posts.get()
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    with transaction.atomic():
        posts.delete(channel, post, actor=SYSTEM)
        posts.purge_tombstones(channel, timezone.now())
    answer = json.loads(waiting.result(FOREVER).body)
    assert answer.get("currentPosts") == [] or answer["removals"] == [str(post.pk)]


def test_unknown_channels_are_not_kept(hub, loop):
    async def ask(number):
        unknown = Channel(channel_id=f"unknown-{number}")
        with pytest.raises(ChannelGone):
            await wait(unknown)

    async def ask_all():
        await asyncio.gather(*map(ask, range(100)))

    def is_any_kept():
        gc.collect()
        return watch.Watch in map(type, gc.get_objects())

    loop.run(ask_all())
    wait_until(lambda: not is_any_kept())  # the hub's thread is just ending its look


def test_readers_of_a_deleted_page_are_disconnected(hub, loop, channel, match_page):
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    match_page.delete()
    with pytest.raises(ChannelGone):
        waiting.result(FOREVER)


def test_only_readers_with_access_stay_on_a_page_that_is_no_longer_public(
    hub, loop, channel, match_page, monkeypatch
):
    monkeypatch.setattr("wagtail_live.delivery.hub.SWEEP_INTERVAL", 0.2)
    public = loop.start(wait(channel))
    private = loop.start(wait(channel, public=False))
    until_waiting(hub, 2)
    match_page.view_restrictions.create(restriction_type="login")
    with pytest.raises(ChannelGone):
        public.result(FOREVER)
    assert hub.count_readers() == 1
    posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    assert private.result(FOREVER)


def test_a_time_out_of_nothing_answers_at_once(hub, loop, channel):
    start = channel.last_updated_at
    assert loop.run(wait(channel, timeout=0)) is None
    post = posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    # The hub learns of it later; such a reader does not wait for it.
    answer = wait_until(lambda: loop.run(wait(channel, start, timeout=0)))
    assert answer.cursor == post.updated_at


def test_readers_without_news_are_sent_away_after_their_time_out(hub, loop, channel):
    assert loop.run(wait_together(channel, 3, timeout=0.1)) == [None] * 3
    assert hub.count_readers() == 0


def test_a_cancelled_reader_stops_waiting(hub, loop, channel):
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    waiting.cancel()
    until_waiting(hub, 0)


def test_newcomers_who_leave_before_the_first_look_are_forgotten(
    hub, loop, channel, monkeypatch
):
    def fail(channel_ids):
        raise DatabaseError("The database is away.")

    monkeypatch.setattr("wagtail_live.delivery.access.look", fail)
    monkeypatch.setattr("wagtail_live.delivery.hub.FIRST_LOOK_TIMEOUT", 0.1)
    assert loop.run(wait(channel, timeout=0)) is None
    reader = loop.start(wait(channel))
    wait_until(lambda: hub._watches[channel.channel_id].newcomers, timeout=FOREVER)
    reader.cancel()
    wait_until(lambda: not hub._watches[channel.channel_id].newcomers, timeout=FOREVER)


def test_a_closed_event_loop_does_not_affect_others(hub, loop, channel):
    ending = asyncio.new_event_loop()
    left_behind = ending.create_task(wait(channel))
    wait_until(
        lambda: ending.run_until_complete(asyncio.sleep(0)) or hub.count_readers()
    )
    ending.close()
    waiting = loop.start(wait(channel))
    until_waiting(hub, 2)
    posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    assert waiting.result(FOREVER)
    assert not left_behind.done()


def test_the_threads_end_when_nobody_waits(hub, loop, channel, settings, monkeypatch):
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": DATABASE_BUS, "OPTIONS": {"interval": 0.05}}
    assert loop.run(wait(channel, timeout=0)) is None
    assert "wagtail-live-hub" in running_threads()
    monkeypatch.setattr(watch, "IDLE_TIMEOUT", 0.1)
    wait_until(lambda: "wagtail-live-hub" not in running_threads())
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    assert waiting.result(FOREVER)


class Failing:
    """A companion of the hub with a fault in its code."""

    def __init__(self):
        self.looks = 0

    def notify(self, channel_id, cursor):
        return False

    def drain(self, within):
        pass

    def look(self):
        self.looks += 1
        raise ValueError("A fault of the desks.")


def test_an_error_of_desks_or_of_housekeeping_delays_no_reader(
    hub, loop, channel, settings, monkeypatch, caplog
):
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": DATABASE_BUS, "OPTIONS": {"interval": 0.05}}
    monkeypatch.setattr("wagtail_live.delivery.companions.MIN_BACK_OFF", 0.2)
    monkeypatch.setattr("wagtail_live.delivery.hub.MIN_BACK_OFF", FOREVER)
    monkeypatch.setattr(housekeeper, "look", lambda: 1 / 0)
    failing = Failing()
    companions.add(failing)
    try:
        for text in ("Goal", "Half-time"):
            channel.refresh_from_db()
            looks = failing.looks
            waiting = loop.start(wait(channel))
            until_waiting(hub, 1)
            wait_until(lambda looks=looks: failing.looks > looks)
            posts.publish(channel, text, actor=SYSTEM)
            assert text in waiting.result(FOREVER / 2).body.decode()
    finally:
        companions.discard(failing)
    assert "Can't look for changes at desks" in caplog.text
    assert "Can't check for updates" not in caplog.text
    assert 2 <= failing.looks < 20  # it has breaks


class ImpreciseBus(BaseBus):
    look_interval = "soon"


def test_a_fault_of_the_bus_does_not_end_the_hub(hub, loop, channel, settings):
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": f"{__name__}.ImpreciseBus"}
    for text in ("Kick-off", "Goal"):
        channel.refresh_from_db()
        waiting = loop.start(wait(channel))
        until_waiting(hub, 1)
        posts.publish(channel, text, actor=SYSTEM)
        assert waiting.result(FOREVER)


def test_a_hub_that_cannot_start_is_started_for_the_next_reader(
    hub, loop, channel, monkeypatch, caplog
):
    def fail():
        raise RuntimeError("The bus can't be imported.")

    with monkeypatch.context() as patch:
        patch.setattr("wagtail_live.delivery.hub.get_bus", fail)
        patch.setattr("wagtail_live.delivery.hub.FIRST_LOOK_TIMEOUT", 0.1)
        assert loop.run(wait(channel, timeout=0)) is None
        assert wait_until(lambda: "The bus can't be imported." in caplog.text)
        wait_until(lambda: not running_threads())
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    posts.publish(channel, "Goal", actor=SYSTEM)
    assert waiting.result(FOREVER)


def test_a_thread_that_the_system_refuses_is_started_for_the_next_reader(
    hub, loop, channel, monkeypatch
):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            loop.run(wait(channel))
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    posts.publish(channel, "Goal", actor=SYSTEM)
    assert waiting.result(FOREVER)


def test_closing_sends_everybody_away_and_ends_the_threads(hub, loop, channel):
    waiting = loop.start(wait_together(channel, 10))
    until_waiting(hub, 10)
    close_hub()
    assert waiting.result(FOREVER) == [None] * 10
    assert not running_threads()
    assert get_hub() is not hub
    assert loop.run(wait(channel, timeout=0)) is None


def test_a_hub_may_be_closed_while_it_looks(hub, loop, channel, monkeypatch, caplog):
    look, closing = access.look, threading.Thread(target=close_hub)

    def look_and_close(*arguments):
        channels = look(*arguments)
        closing.start()
        wait_until(lambda: not hub._watches)
        return channels

    monkeypatch.setattr(access, "look", look_and_close)
    assert loop.run(wait(channel)) is None
    closing.join(FOREVER)
    assert not closing.is_alive()
    assert not caplog.text


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_process_has_a_hub_of_its_own(hub, loop, channel):
    waiting = loop.start(wait(channel))
    until_waiting(hub, 1)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        follow_in_child(channel, writing)
    os.close(writing)
    try:
        with open(reading, "rb") as pipe:
            assert pipe.readline() == b"waiting\n"
            post = posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
            assert waiting.result(FOREVER).cursor == post.updated_at
            assert str(post.pk).encode() in pipe.readline()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def follow_in_child(channel, pipe):
    """Write a reader's update to the parent, whose connections are not ours."""
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    try:
        with LoopThread() as loop:
            assert get_hub().count_readers() == 0
            waiting = loop.start(wait(channel))
            until_waiting(get_hub(), 1)
            os.write(pipe, b"waiting\n")
            os.write(pipe, waiting.result(FOREVER).body + b"\n")
    finally:
        os._exit(0)


class PreloadingGunicorn(SiteServer):
    """Two workers, forked from a process that has used the hub."""

    application = "tests.servers.preloaded:application"

    def command(self):
        return [
            *(sys.executable, "-m", "gunicorn", self.application, "--preload"),
            *("--bind", f"127.0.0.1:{self.port}", "--workers", "2"),
            *("--worker-class", "uvicorn_worker.UvicornWorker"),
            *("--graceful-timeout", "2", "--worker-tmp-dir", str(self.folder)),
            "--no-control-socket",
        ]


def test_preloaded_workers_follow_each_by_itself(start_server, match_page):
    server = start_server(PreloadingGunicorn)
    readers = long_polls(match_page, 20)
    with following(server, readers) as until:
        for number in (1, 2):
            match_page.add_live_post(marked_text(number))
            until(lambda reader: reader.latest == number)  # noqa: B023
    assert all(len(reader.log) == 2 for reader in readers)
