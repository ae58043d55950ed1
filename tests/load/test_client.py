"""Readers of each kind follow the real site, and reconnect to it."""

import asyncio

import pytest
from django.db import connection
from django.urls import reverse

from tests.load.checker import Checker
from tests.load.client import Swarm
from tests.load.marks import marked_text
from tests.load.readers import EventStream, LongPoll, WebSocket

KINDS = [
    pytest.param(LongPoll, "long-polling", id="long poll"),
    pytest.param(EventStream, "event-stream", id="event stream"),
    pytest.param(WebSocket, "websocket", id="WebSocket"),
]


@pytest.fixture
def middleware_server(start_server, tmp_path):
    return start_server(
        variables={"TEST_QUERIES": str(tmp_path)},
        application="tests.load.sites.live:live",
    )


def readers_of(page, kind, url_name, number):
    path = reverse(url_name, args=[page.channel_id])
    cursor = repr(page.last_update_timestamp)
    return [kind(path, cursor) for _ in range(number)]


async def publish(page, checker, number):
    checker.published(number)
    await in_thread(page.add_live_post, f"<p>{marked_text(number)}</p>")


async def in_thread(function, *arguments):
    """Call a function that queries the database, and close its connections."""

    def call():
        try:
            return function(*arguments)
        finally:
            connection.close()

    return await asyncio.to_thread(call)


@pytest.mark.parametrize(("kind", "url_name"), KINDS)
def test_each_reader_gets_each_update_once(
    middleware_server, match_page, kind, url_name
):
    checker = Checker()

    async def follow(readers):
        async with Swarm(middleware_server.port) as swarm:
            await swarm.add(readers)
            for number in range(1, 4):
                await publish(match_page, checker, number)
            await swarm.until(lambda reader: reader.latest == 3)
            assert swarm.errors == []

    readers = readers_of(match_page, kind, url_name, 20)
    asyncio.run(follow(readers))
    checker.read(readers)
    report = checker.report()
    assert report.faults == 0, report
    assert len(report.delays) == report.expected == 60
    assert 0 < report.latest < 10e9


@pytest.mark.parametrize(("kind", "url_name"), KINDS)
def test_readers_resume_where_they_were(middleware_server, match_page, kind, url_name):
    checker = Checker()

    async def follow(readers):
        async with Swarm(middleware_server.port) as swarm:
            await swarm.add(readers)
            await publish(match_page, checker, 1)
            await swarm.until(lambda reader: reader.latest == 1)
            middleware_server.kill()
            await publish(match_page, checker, 2)
            await asyncio.to_thread(middleware_server.start)
            await swarm.until(lambda reader: reader.latest == 2)

    readers = readers_of(match_page, kind, url_name, 5)
    asyncio.run(follow(readers))
    checker.read(readers)
    report = checker.report()
    assert report.faults == 0, report
    assert all(reader.connects >= 2 for reader in readers)


@pytest.mark.parametrize(("kind", "url_name"), KINDS)
def test_readers_do_not_return_to_an_unpublished_page(
    middleware_server, match_page, kind, url_name
):
    async def follow(readers):
        async with Swarm(middleware_server.port) as swarm:
            await swarm.add(readers)
            await in_thread(match_page.unpublish)
            await swarm.until(lambda reader: reader.turned_away == [404])

    readers = readers_of(match_page, kind, url_name, 5)
    asyncio.run(follow(readers))
    assert all(reader.connects == 1 for reader in readers)
