"""What is published, and what it costs."""

from itertools import pairwise

import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from tests.engines.control_port import serve_control_port
from tests.servers import wait_until
from tests.testapp.models import MatchPage
from wagtail_live import conf, posts
from wagtail_live.delivery.wire import WireFormat
from wagtail_live.engines import publishing
from wagtail_live.engines.base import EngineFailed, Kind, get_name
from wagtail_live.engines.outbox import find_work, note_reader, publish
from wagtail_live.models import EngineChannel
from wagtail_live.permissions import SYSTEM

KEY = "a-key-that-is-long-enough"


class Engine:
    """An engine that keeps what it gets, as a server that can be away."""

    servers = ("here",)

    def __init__(self):
        self.items = []
        self.is_away = False

    def publish(self, server, items, *, deadline, is_repeated=False):
        if self.is_away:
            raise EngineFailed("away")
        self.items += items
        return {}

    def take(self, wire_format):
        """Return the items of a wire format, and forget all."""
        found = [item for item in self.items if item.wire_format is wire_format]
        self.items = []
        return found


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def channel(match_page, engine):
    channel = match_page.live_channel
    note_reader(engine, channel, is_public=True, needs_full=False)
    return channel


def send(engine, channel):
    publish(engine, "here", channel.channel_id)


def test_items_form_a_chain(engine, channel, match_page):
    for number in range(3):
        match_page.add_live_post(f"<p>Post {number}</p>")
        send(engine, channel)
    items = engine.take(WireFormat.EVENT)
    assert [item.kind for item in items] == [Kind.UPDATE] * 3
    for before, item in pairwise(items):
        assert item.previous == before.cursor


def test_an_update_is_published_once(engine, channel, match_page):
    match_page.add_live_post("<p>Post</p>")
    send(engine, channel)
    engine.items = []
    send(engine, channel)
    assert engine.items == []
    assert find_work("here") == set()


def test_a_draft_is_not_published(engine, channel, match_page):
    match_page.add_live_post("<p>Post</p>")
    send(engine, channel)
    engine.items = []
    match_page.add_live_post("<p>Draft</p>", show=False)
    send(engine, channel)
    assert engine.items == []


def test_readers_after_a_draft_are_in_the_chain(engine, channel, match_page):
    """Their cursor is that of the last update that anyone has seen."""
    match_page.add_live_post("<p>Seen</p>")
    send(engine, channel)
    (seen,) = engine.take(WireFormat.EVENT)
    match_page.add_live_post("<p>Draft</p>", show=False)
    match_page.add_live_post("<p>Next</p>")
    send(engine, channel)
    (item,) = engine.take(WireFormat.EVENT)
    assert item.previous == seen.cursor
    assert b"Next" in item.body
    assert b"Draft" not in item.body


def test_a_failed_publication_is_repeated_in_order(engine, channel, match_page):
    engine.is_away = True
    match_page.add_live_post("<p>First</p>")
    with pytest.raises(EngineFailed):
        send(engine, channel)
    match_page.add_live_post("<p>Second</p>")
    engine.is_away = False
    send(engine, channel)
    bodies = [item.body for item in engine.take(WireFormat.EVENT)]
    assert [b"First" in body for body in bodies] == [True, False]
    assert [b"Second" in body for body in bodies] == [False, True]


def test_many_missed_changes_are_left_to_the_site(engine, channel, match_page):
    for number in range(201):
        match_page.add_live_post(f"<p>Post {number}</p>")
    send(engine, channel)
    (item,) = engine.take(WireFormat.EVENT)
    assert item.kind is Kind.ASK
    assert item.previous is None


def test_a_pin_reaches_readers_of_the_overview(engine, channel, match_page):
    post = match_page.add_live_post("<p>Post</p>")
    send(engine, channel)
    engine.items = []
    posts.pin(channel, post, actor=SYSTEM)
    send(engine, channel)
    bodies = {item.wire_format: item.body for item in engine.items}
    assert b'"head"' in bodies[WireFormat.EVENT_WITH_OVERVIEW]
    assert bodies[WireFormat.EVENT] == b":\n\n"


def test_a_hidden_post_that_is_edited_at_once_is_removed(engine, channel, match_page):
    post = match_page.add_live_post("<p>Mistake</p>")
    send(engine, channel)
    engine.items = []
    match_page.update_live_post(post, show=False)
    match_page.update_live_post(post, content="<p>Correction</p>")
    send(engine, channel)
    (item,) = engine.take(WireFormat.EVENT)
    assert str(post.pk).encode() in item.body
    assert b"Correction" not in item.body


def test_the_cost_does_not_grow_with_the_page(engine, channel, match_page):
    def count():
        match_page.add_live_post("<p>Post</p>")
        with CaptureQueriesContext(connection) as queries:
            send(engine, channel)
        return len(queries)

    count()  # the first one renders more
    first = count()
    for number in range(60):
        match_page.add_live_post(f"<p>Post {number}</p>")
    send(engine, channel)
    assert count() == first <= 20


def test_a_channel_that_nobody_follows_is_not_published(engine, match_page):
    match_page.add_live_post("<p>Post</p>")
    publish(engine, "here", match_page.channel_id)
    assert engine.items == []


def test_no_query_without_an_engine(match_page, django_assert_num_queries):
    assert conf.get_engine() is None
    channel = match_page.live_channel
    with django_assert_num_queries(0):
        publishing.start()
        publishing.publish_channel(channel)


def test_names_differ_and_tell_nothing(match_page):
    names = {
        get_name(match_page.channel_id, wire_format, is_public=is_public)
        for wire_format in WireFormat
        for is_public in (True, False)
    }
    assert len(names) == 2 * len(WireFormat)
    assert not any(match_page.channel_id in name for name in names)


def test_a_deleted_page_leaves_no_row(engine, channel, match_page):
    match_page.delete()
    assert find_work("here") == {channel.channel_id}
    send(engine, channel)
    assert {item.kind for item in engine.items} == {Kind.GONE}
    assert not EngineChannel.objects.exists()


def test_a_channel_that_the_engine_refuses_does_not_stop_others(
    shared_database, home_page, settings
):
    pages = [
        home_page.add_child(instance=MatchPage(title="Match", slug=f"match-{number}"))
        for number in range(6)
    ]
    refused, *taken = (get_event_names(page) for page in pages)
    with serve_control_port() as control_port:
        settings.WAGTAIL_LIVE_NCHAN = {"publish_url": control_port.url, "key": KEY}
        control_port.refused = refused
        engine = conf.get_engine()
        for page in pages:
            channel = page.live_channel
            note_reader(engine, channel, is_public=True, needs_full=False)
            page.add_live_post("<p>Post</p>")
        wait_until(lambda: set().union(*taken) <= control_port.get_published())
        control_port.refused = set()
        wait_until(lambda: find_work("") == set())
    assert publishing.wait(60)


def get_event_names(page):
    formats = WireFormat.EVENT, WireFormat.EVENT_WITH_OVERVIEW
    return {get_name(page.channel_id, name, is_public=True) for name in formats}


@pytest.mark.parametrize("error", [InterfaceError, OperationalError])
def test_a_lost_connection_to_the_database_is_opened_again(
    shared_database, match_page, settings, monkeypatch, error
):
    errors = [error("connection already closed")] * 2
    closed = []

    def find_nothing(server):
        if errors:
            raise errors.pop()
        return set()

    monkeypatch.setattr(publishing, "LOOK_INTERVAL", 3600)  # it is retried before
    monkeypatch.setattr(publishing, "find_work", find_nothing)
    monkeypatch.setattr(connections, "close_all", lambda: closed.append(True))
    settings.WAGTAIL_LIVE_NCHAN = {"publish_url": "http://127.0.0.1:9", "key": KEY}
    publishing.look_at_access()
    wait_until(lambda: len(closed) >= 2 and not errors)
    assert publishing.wait(60)
