"""One process at a time publishes a channel, and none for longer than it may."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from wagtail.models import PageViewRestriction

from tests.engines.control_port import serve_control_port
from tests.engines.test_publishing import Engine
from wagtail_live import cursors
from wagtail_live.delivery.wire import WireFormat
from wagtail_live.engines import control, outbox
from wagtail_live.engines.base import EngineFailed, Item, Kind
from wagtail_live.engines.grip import GripEngine
from wagtail_live.engines.nchan import NchanEngine
from wagtail_live.models import EngineChannel

KEY = "a key that only the engine and the site know"
READERS = 12
MIN_MARGIN = 3  # seconds that the clocks of two servers may differ


class BusyEngine(Engine):
    """An engine in whose first publication something else happens."""

    def __init__(self, event):
        super().__init__()
        self.event = event

    def publish(self, *arguments, **options):
        event, self.event = self.event, None
        if event:
            event()
        return super().publish(*arguments, **options)


@pytest.fixture
def channel(match_page):
    channel = match_page.live_channel
    note(Engine(), channel)
    return channel


def note(engine, channel):
    outbox.note_reader(engine, channel, is_public=True, needs_full=False)


def end_claim():
    past = cursors.now() - timedelta(seconds=1)
    EngineChannel.objects.update(claimed_until=past)


def find_posts(engine, post):
    return [item for item in engine.take(WireFormat.EVENT) if post in item.body]


def test_a_process_that_was_too_slow_publishes_nothing_again(channel, match_page):
    other = Engine()

    def let_another_process_publish():
        end_claim()
        match_page.add_live_post("<p>Second</p>")
        outbox.publish(other, "here", channel.channel_id)

    slow = BusyEngine(let_another_process_publish)
    match_page.add_live_post("<p>First</p>")
    outbox.publish(slow, "here", channel.channel_id)
    assert len(find_posts(other, b"Second")) == 1
    assert find_posts(slow, b"Second") == []
    channel.refresh_from_db()
    row = EngineChannel.objects.get()
    assert row.published_until == outbox.get_latest(channel)


def test_a_process_that_was_too_slow_leaves_the_claim_to_the_next(channel, match_page):
    claim = cursors.now() + outbox.CLAIM_TIMEOUT * 2

    def let_another_process_claim():
        EngineChannel.objects.update(claimed_until=claim)

    match_page.add_live_post("<p>First</p>")
    slow = BusyEngine(let_another_process_claim)
    outbox.publish(slow, "here", channel.channel_id)
    row = EngineChannel.objects.get()
    assert row.claimed_until == claim
    assert row.published_until < outbox.get_latest(match_page.live_channel)


def test_a_row_that_a_reader_has_replaced_is_not_written(channel, match_page):
    """All readers had been sent away, and the next one begins a new row."""
    new = []

    def let_a_reader_come():
        EngineChannel.objects.update(has_public_readers=False)
        note(Engine(), channel)
        new.append(EngineChannel.objects.get())

    match_page.add_live_post("<p>First</p>")
    outbox.publish(BusyEngine(let_a_reader_come), "here", channel.channel_id)
    row = EngineChannel.objects.get()
    assert row.epoch == new[0].epoch
    assert row.published_until == new[0].published_until


def test_a_claim_lasts_longer_than_a_publication(channel, match_page):
    """It is renewed before each, however long the first one and rendering took."""
    margins = []

    class Watching(Engine):
        def publish(self, *arguments, deadline, **options):
            claim = EngineChannel.objects.get().claimed_until
            left = (claim - cursors.now()).total_seconds()
            margins.append(left - (deadline - time.monotonic()))
            return super().publish(*arguments, deadline=deadline, **options)

    match_page.add_live_post("<p>First</p>")
    outbox.publish(Watching(), "here", channel.channel_id)
    match_page.unpublish()
    outbox.publish(Watching(), "here", channel.channel_id)
    assert len(margins) == 2
    assert min(margins) > MIN_MARGIN


@pytest.fixture
def control_port():
    with serve_control_port() as server:
        yield server


def make_items(size=1):
    return [
        Item(
            name,
            wire_format,
            Kind.UPDATE,
            cursors.now(),
            None,
            "epoch@0:0",
            b"x" * size,
        )
        for name, wire_format in [
            ("a", WireFormat.EVENT),
            ("b", WireFormat.EVENT_WITH_OVERVIEW),
        ]
    ]


ENGINES = {
    "GRIP": lambda url: GripEngine.configure({"control_uri": url, "key": KEY}),
    "nchan": lambda url: NchanEngine(url, KEY),
}


@pytest.fixture(params=ENGINES.values(), ids=ENGINES)
def engine(request, control_port):
    return request.param(control_port.url)


def publish(engine, items, seconds):
    deadline = time.monotonic() + seconds
    server = engine.servers[0]
    return engine.publish(server, items, deadline=deadline, is_repeated=True)


def test_a_publication_of_several_requests_has_one_deadline(engine, control_port):
    control_port.pause = 0.4
    with pytest.raises(EngineFailed):
        publish(engine, make_items(600_000), 0.6)
    time.sleep(0.5)
    assert len(control_port.requests) <= 2


def test_an_answer_byte_by_byte_does_not_outlast_the_deadline(engine, control_port):
    control_port.drip = 3.0
    started = time.monotonic()
    with pytest.raises(EngineFailed):
        publish(engine, make_items(), 0.5)
    assert time.monotonic() - started < 30, "not after the last byte"


def test_nothing_is_sent_after_the_deadline(engine, control_port):
    with pytest.raises(EngineFailed):
        publish(engine, make_items(), -1)
    assert control_port.requests == []


def test_errors_name_the_host_only(control_port):
    control_port.refused = {"publish"}
    secret = "only-the-site-knows"
    url = control_port.url.replace("//", f"//user:{secret}@")
    for port in (control_port.server_port, 9):
        path = url.replace(str(control_port.server_port), str(port))
        with pytest.raises(EngineFailed) as failure:
            control.send(
                "POST", f"{path}/publish?key={secret}", deadline=time.monotonic() + 30
            )
        assert "127.0.0.1" in str(failure.value)
        assert secret not in str(failure.value)
        assert str(failure.value)[-1] != "."  # it is a part of a sentence in the log


def test_credentials_in_the_url_are_sent(control_port):
    url = control_port.url.replace("//", "//user:p%40ss@")
    control.send("POST", url, deadline=time.monotonic() + 30)
    assert control_port.headers[0]["Authorization"] == "Basic dXNlcjpwQHNz"


@pytest.mark.parametrize(("age", "wait"), [(0, 0.1), (1, 0.5), (6, 2), (11.5, 0.5)])
def test_processes_ask_less_often_for_an_old_claim(age, wait):
    now = cursors.now()
    claim = now - timedelta(seconds=age) + outbox.CLAIM_TIMEOUT
    row = EngineChannel(claimed_until=claim)
    assert outbox.get_wait(row, now) == pytest.approx(wait)


def test_a_reader_who_comes_while_others_are_sent_away_is_noted(channel, match_page):
    """The page is public again before the engine has closed all streams."""
    restriction = PageViewRestriction.objects.create(
        page=match_page, restriction_type=PageViewRestriction.LOGIN
    )

    def make_public_again():
        restriction.delete()
        note(Engine(), channel)

    engine = BusyEngine(make_public_again)
    outbox.publish(engine, "here", channel.channel_id)
    assert {item.kind for item in engine.items} == {Kind.GONE}
    match_page.add_live_post("<p>For all</p>")
    outbox.publish(engine, "here", channel.channel_id)
    assert find_posts(engine, b"For all")


def test_readers_of_a_quiet_channel_get_its_next_update(channel, match_page):
    """nchan holds a stream for an hour without a request to the site."""
    hour = timedelta(hours=1, minutes=5)
    EngineChannel.objects.update(used_at=cursors.now() - hour)
    match_page.add_live_post("<p>At last</p>")
    engine = Engine()
    outbox.publish(engine, "here", channel.channel_id)
    assert find_posts(engine, b"At last")


def test_rows_without_readers_are_purged(channel, match_page):
    assert outbox.purge_idle(cursors.now()) == 0
    assert outbox.purge_idle(cursors.now() + timedelta(hours=3)) == 1
    assert not EngineChannel.objects.exists()


@pytest.mark.every_database
def test_the_first_readers_may_come_at_once(shared_database, match_page):
    channel = match_page.live_channel
    barrier = threading.Barrier(READERS)

    def come():
        try:
            barrier.wait(10)
            note(Engine(), channel)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(READERS) as pool:
        for reader in [pool.submit(come) for _ in range(READERS)]:
            reader.result()
    assert EngineChannel.objects.count() == 1
