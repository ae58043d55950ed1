"""Readers with old or unknown cursors share what is loaded and rendered for them."""

import asyncio
import json
import threading

import httpx
import pytest
from django.db.backends.signals import connection_created
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.delivery.test_history import (
    LAST_UPDATE,
    STEPS,
    look,
    take,
    without_time,
)
from tests.delivery.test_hub import record_renderings
from tests.parallel import rest_nightly
from tests.servers import wait_until
from tests.servers.in_process import LoopThread, SiteInProcess
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.cursors import MICROSECOND, from_timestamp, to_timestamp
from wagtail_live.delivery import histories as module
from wagtail_live.delivery import loader
from wagtail_live.delivery.access import Unavailable
from wagtail_live.delivery.histories import History, histories
from wagtail_live.delivery.history import MAX_CHANGES
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.delivery.wire import WireFormat, build_answer
from wagtail_live.page import updates
from wagtail_live.page.timeline import PAGE_SIZE
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.slow

FOREVER = 30  # seconds; no test waits so long
POST = "wagtail_live/live_post.html"
LONG_AGO = from_timestamp(1_000_000_000.0)
FAR_AHEAD = from_timestamp(4_000_000_000.0)
WRAPS = {"middleware": LiveUpdatesMiddleware, "django": lambda application: application}


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


@pytest.fixture
def own_hub(transactional_db):
    close_hub()
    yield get_hub()
    close_hub()


@pytest.fixture(params=WRAPS)
def site(request, own_hub, settings):
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 0.1
    with SiteInProcess(WRAPS[request.param]) as site:
        yield site


def publish(channel, count):
    """Publish posts, and return their ids, oldest first."""
    created = [
        posts.publish(channel, f"<p>{number}</p>", actor=SYSTEM)
        for number in range(count)
    ]
    channel.refresh_from_db()
    return [str(post.pk) for post in created]


def url_of(site, channel, path, cursor, **query):
    query = "".join(f"&{name}={value}" for name, value in query.items())
    address = f"{site.url}/wagtail_live/{path}/{channel.channel_id}/"
    return f"{address}?last_update_ts={cursor!r}{query}"


@pytest.mark.parametrize("path", rest_nightly(["poll", "get-updates"]))
@pytest.mark.parametrize("query", [{}, {"delta": 1}, {"delta": 1, "head": 1}])
def test_any_number_of_cursors_costs_one_rendering_of_each_post(
    site, channel, path, query
):
    ids = publish(channel, 5)
    end = to_timestamp(channel.last_updated_at)
    old = [float(number) for number in range(20)]
    unknown = [end + 3600 + number for number in range(20)] if query else []
    with record_renderings() as rendered:
        for cursor in [*old, *unknown]:
            answer = httpx.get(url_of(site, channel, path, cursor, **query)).json()
            assert list(answer["updates"]) == ids
            assert answer["lastUpdateTimestamp"] == end
    assert rendered.count(POST) == 5


@pytest.mark.parametrize("path", rest_nightly(["get-updates", "poll"]))
@pytest.mark.parametrize("query", [{}, {"delta": 1}])
def test_a_cursor_older_than_the_memory_gets_the_newest_page_and_all_ids(
    site, channel, path, query
):
    ids = publish(channel, MAX_CHANGES + 20)
    with record_renderings() as rendered:
        answers = [
            httpx.get(url_of(site, channel, path, float(number), **query))
            for number in range(20)
        ]
    assert len({answer.content for answer in answers}) == 1
    answer = answers[0].json()
    assert list(answer["updates"]) == ids[-PAGE_SIZE:]
    assert answer["currentPosts"] == ids
    assert "removals" not in answer
    assert rendered.count(POST) == PAGE_SIZE


def test_an_update_renders_only_its_own_post_for_readers_with_old_cursors(
    site, channel
):
    ids = publish(channel, MAX_CHANGES + 20)
    url = url_of(site, channel, "get-updates", 1.0, delta=1)
    httpx.get(url)
    with record_renderings() as rendered:
        [new] = publish(channel, 1)
        wait_until(lambda: httpx.get(url).json()["currentPosts"] == [*ids, new])
    assert rendered.count(POST) <= 2  # by the hub for the public, and for old cursors


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS, numbers=st.permutations(range(6)))
def test_the_memory_and_the_database_give_the_same_answer(home_page, steps, numbers):
    slug = f"match-{MatchPage.objects.count()}"
    page = home_page.add_child(instance=MatchPage(title="Match", slug=slug))
    channel, history = page.live_channel, History()
    passed = [channel.last_updated_at]
    for step in steps:
        take(channel, *step)
        passed.append(channel.last_updated_at)
        if step[0] is look:
            history.answer(channel, passed[len(passed) // 2], WireFormat.DELTA)
    for number in numbers:
        since = passed[number * len(passed) // 6]
        for form in WireFormat:
            answer = history.answer(channel, since, form)
            assert without_time(answer.body) == without_time(
                answer_of_database(channel, since, form)
            ), LAST_UPDATE
            assert answer.cursor == channel.last_updated_at


def answer_of_database(channel, since, form):
    payload = updates.payload(
        channel, since, delta=form.is_lean, overview=form.has_overview
    )
    if updates.is_empty(payload):
        return b""
    return build_answer(updates.serialise(payload), form, channel.last_updated_at).body


@pytest.mark.django_db
class TestTheHistory:
    def test_older_and_older_cursors_render_each_post_once(self, channel):
        publish(channel, 10)
        history = History()
        with record_renderings() as rendered:
            for post in channel.posts.order_by("-updated_at"):
                since = post.updated_at - MICROSECOND
                answer = history.answer(channel, since, WireFormat.DELTA)
                assert str(post.pk) in json.loads(answer.body)["updates"]
        assert rendered.count(POST) == 10

    def test_cursors_between_two_changes_share_the_same_bytes(self, channel):
        first = channel.last_updated_at
        publish(channel, 1)
        for form in WireFormat:
            history = History()
            answers = [
                history.answer(channel, first - number * MICROSECOND, form)
                for number in range(20)
            ]
            assert len({id(answer.body) for answer in answers}) == 1

    def test_nothing_is_queried_twice(self, channel, django_assert_num_queries):
        publish(channel, MAX_CHANGES + 5)
        history = History()
        for form in WireFormat:
            for since in (LONG_AGO, FAR_AHEAD):
                history.answer(channel, since, form)
        with django_assert_num_queries(0):
            for form in WireFormat:
                for number in range(20):
                    history.answer(channel, LONG_AGO + number * MICROSECOND, form)
                    history.answer(channel, FAR_AHEAD + number * MICROSECOND, form)

    def test_removals_that_were_purged_are_answered_with_all_ids(self, channel):
        [kept, gone] = publish(channel, 2)
        since = channel.last_updated_at
        posts.delete(channel, channel.posts.get(pk=gone), actor=SYSTEM)
        channel.refresh_from_db()
        posts.purge_tombstones(channel, channel.last_updated_at + MICROSECOND)
        channel.refresh_from_db()
        answer = json.loads(History().answer(channel, since, WireFormat.DELTA).body)
        assert answer["currentPosts"] == [kept]

    def test_big_posts_are_remembered_up_to_a_limit(self, channel, monkeypatch):
        monkeypatch.setattr("wagtail_live.delivery.history.MAX_BYTES", 1000)
        ids = publish(channel, 5)
        answer = json.loads(History().answer(channel, LONG_AGO, WireFormat.DELTA).body)
        assert answer["currentPosts"] == ids

    def test_an_error_is_not_remembered(self, channel, monkeypatch):
        ids, history = publish(channel, 3), History()
        with monkeypatch.context() as patch:
            patch.setattr(updates, "render_posts", lambda posts: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                history.answer(channel, LONG_AGO, WireFormat.DELTA)
        answer = json.loads(history.answer(channel, LONG_AGO, WireFormat.DELTA).body)
        assert list(answer["updates"]) == ids
        assert answer["removals"] == []

    def test_a_restored_backup_is_loaded_again(self, channel):
        history, before = History(), channel.last_updated_at
        publish(channel, 1)
        history.answer(channel, LONG_AGO, WireFormat.DELTA)
        channel.posts.all().delete()
        type(channel).objects.update(last_updated_at=before, overview_updated_at=before)
        channel.refresh_from_db()
        answer = json.loads(history.answer(channel, LONG_AGO, WireFormat.FULL).body)
        assert answer["updates"] == {}
        assert answer["currentPosts"] == []

    def test_a_channel_that_was_read_before_an_update_has_to_be_read_again(
        self, channel
    ):
        history, old = History(), type(channel).objects.get(pk=channel.pk)
        publish(channel, 1)
        history.answer(channel, LONG_AGO, WireFormat.DELTA)
        assert history.answer(old, LONG_AGO, WireFormat.DELTA) is None


def test_a_crowd_that_waits_for_the_database_gets_retry_after(
    client, transactional_db, channel, monkeypatch
):
    publish(channel, 1)
    monkeypatch.setattr(module, "MAX_THREADS", 0)
    histories.reset()
    for path in ("get-updates", "poll"):
        url = f"/wagtail_live/{path}/{channel.channel_id}/"
        answer = client.get(url, {"last_update_ts": 1})
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert answer["Cache-Control"] == "no-store"
    monkeypatch.undo()
    histories.reset()


@pytest.fixture
def loop(own_hub):
    with LoopThread() as loop:
        yield loop


@pytest.fixture
def held_loader(monkeypatch):
    """Hold the loader's thread until ``release()``; ``loaded`` has the channels."""
    go_on, load = threading.Event(), loader.load_answers

    def wait_and_load(channel_id, questions):
        held_loader.loaded.append((channel_id, len(questions)))
        go_on.wait(FOREVER)
        return load(channel_id, questions)

    monkeypatch.setattr(loader, "load_answers", wait_and_load)
    held_loader.loaded = []
    held_loader.release = go_on.set
    yield held_loader
    go_on.set()


@pytest.fixture
def channels(home_page, own_hub):
    pages = [
        home_page.add_child(instance=MatchPage(title=name, slug=name))
        for name in ("one", "two", "three")
    ]
    for page in pages:
        page.add_live_post("<p>Goal</p>")
    return [page.live_channel for page in pages]


def ask(channel, since=LONG_AGO):
    return get_hub().wait_for_update(channel.channel_id, since, FOREVER)


def test_a_channel_that_nobody_waits_for_is_not_loaded(loop, channels, held_loader):
    one, two, _ = channels
    first = loop.start(ask(one))
    wait_until(lambda: held_loader.loaded)
    gone = loop.start(ask(two))
    wait_until(lambda: get_hub()._loader._waiting)
    gone.cancel()
    wait_until(lambda: not get_hub()._loader._waiting)
    held_loader.release()
    assert first.result(FOREVER).body
    assert [channel_id for channel_id, _ in held_loader.loaded] == [one.channel_id]


def test_only_so_many_channels_wait_to_be_loaded(
    loop, channels, held_loader, monkeypatch
):
    monkeypatch.setattr(loader, "MAX_CHANNELS", 1)
    one, two, three = channels
    waiting = [loop.start(ask(one))]
    wait_until(lambda: held_loader.loaded)
    waiting.append(loop.start(ask(two)))
    wait_until(lambda: get_hub()._loader._waiting)
    with pytest.raises(Unavailable):
        loop.run(ask(three))
    waiting.append(loop.start(ask(two, FAR_AHEAD)))  # shares the load
    held_loader.release()
    assert all(future.result(FOREVER).body for future in waiting)


def test_a_refused_load_is_answered_with_retry_after(channels, monkeypatch):
    monkeypatch.setattr(loader, "MAX_CHANNELS", 0)
    with SiteInProcess(LiveUpdatesMiddleware) as site:
        answer = httpx.get(url_of(site, channels[0], "get-updates", 1.0))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_all_waiting_readers_of_a_channel_share_a_load(loop, channels, held_loader):
    one, two, _ = channels
    first = loop.start(ask(one))
    wait_until(lambda: held_loader.loaded)

    async def ask_together():
        cursors = [LONG_AGO + number * MICROSECOND for number in range(50)]
        return await asyncio.gather(*(ask(two, since) for since in cursors))

    others = loop.start(ask_together())
    waiting = get_hub()._loader._waiting
    wait_until(lambda: len(waiting.get(two.channel_id, ())) == 50)
    held_loader.release()
    assert len({id(answer.body) for answer in others.result(FOREVER)}) == 1
    assert first.result(FOREVER).body
    assert held_loader.loaded == [(one.channel_id, 1), (two.channel_id, 50)]


def test_all_loads_use_one_connection(loop, channels, monkeypatch):
    monkeypatch.setattr(loader, "IDLE_TIMEOUT", FOREVER)
    opened = []

    def count(**kwargs):
        opened.append(threading.current_thread().name)

    connection_created.connect(count)
    try:
        for channel in channels:
            assert loop.run(ask(channel)).body
            publish(channel, 1)
            wait_until(lambda: loop.run(ask(channel)).cursor == channel.last_updated_at)  # noqa: B023
    finally:
        connection_created.disconnect(count)
    assert opened.count("wagtail-live-loader") == 1
