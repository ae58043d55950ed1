"""Readers in several processes are connected, awaited and checked as one."""

import asyncio

import pytest
from django.db import connection

from tests.load.crowd import Crowd
from tests.load.followers import Followers
from tests.load.marks import marked_text
from tests.load.pages import follow_path
from tests.load.readers import EventStream


@pytest.fixture
def server(start_server, tmp_path):
    """The site, which takes three readers from an address."""
    return start_server(
        variables={"TEST_QUERIES": str(tmp_path)},
        application="tests.load.sites.live:live",
        settings={"WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS": 3},
    )


def test_each_process_follows_from_its_own_address(server, match_page):
    path = follow_path("event-stream", match_page)
    cursor = repr(match_page.last_update_timestamp)
    readers = [EventStream(path, cursor) for _ in range(7)]

    async def follow():
        async with Crowd(server.port, readers, most=3) as crowd:
            await crowd.connect()
            await asyncio.to_thread(publish, match_page, 1)
            await crowd.receive(1, place=0)
            return await crowd.check([[1, 2]]), await crowd.cpu_time()

    (report, lag), cpu_time = asyncio.run(follow())
    assert (report.readers, report.expected, len(report.delays)) == (7, 14, 7)
    assert report.lost == report.faults == 7, "the second update was not published"
    assert 0 < lag < 60
    assert cpu_time > 0


def publish(page, number):
    try:
        page.add_live_post(f"<p>{marked_text(number)}</p>")
    finally:
        connection.close()


def test_data_that_break_the_protocol_are_a_fault():
    async def follow():
        connected = asyncio.Event()

        async def answer(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            await connected.wait()
            writer.write(b"no size\r\n")

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        readers = [EventStream("/follow")]
        async with server, Followers(port, [readers]) as followers:
            await followers.connect()
            connected.set()
            async with asyncio.timeout(10):
                while readers[0].connects < 2:
                    await asyncio.sleep(0.01)
            return await followers.check([[]])

    report, _ = asyncio.run(follow())
    assert report.garbled == report.faults >= 1
    assert "garbled: ValueError" in str(report)
