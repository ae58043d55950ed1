"""One timer for each event loop looks at all waiting connections."""

import asyncio
import gc
import weakref

import pytest

from tests.servers.in_process import LoopThread
from wagtail_live.delivery.rounds import Rounds

PERIOD = 0.05  # seconds


class Connection:
    def __init__(self, rounds, leave_after=None):
        self.loop = asyncio.get_running_loop()
        self.rounds = rounds
        self.leave_after = leave_after
        self.looks = 0

    def look(self, now):
        self.looks += 1
        if self.looks == self.leave_after:
            self.rounds.discard(self)


@pytest.fixture
def rounds():
    return Rounds(PERIOD)


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(PERIOD / 4)


async def join(rounds, count, **options):
    connections = [Connection(rounds, **options) for _ in range(count)]
    for connection in connections:
        rounds.add(connection)
    return connections


async def test_every_connection_is_looked_at_once_in_a_period(rounds):
    connections = await join(rounds, 200)
    await until(lambda: connections[0].looks == 3)
    looks = {connection.looks for connection in connections}
    assert max(looks) - min(looks) <= 1


async def test_a_connection_that_left_is_not_looked_at(rounds):
    leaving = await join(rounds, 20, leave_after=1)
    (staying,) = await join(rounds, 1)
    await until(lambda: staying.looks == 4)
    assert [connection.looks for connection in leaving] == [1] * 20


async def test_the_timer_ends_with_the_last_connection_and_starts_again(rounds):
    for _ in range(2):
        await join(rounds, 20, leave_after=2)
        assert not rounds.is_idle
        await until(lambda: rounds.is_idle)


async def test_a_look_that_fails_does_not_stop_the_others(rounds, caplog):
    connections = await join(rounds, 40)
    for connection in connections[::2]:
        connection.look = None
    await until(lambda: connections[1].looks == 3)
    assert all(connection.looks >= 2 for connection in connections[1::2])
    assert "Can't check a waiting connection." in caplog.text


def test_event_loops_look_at_their_own(rounds):
    with LoopThread() as first, LoopThread() as second:
        left, right = (loop.run(join(rounds, 10)) for loop in (first, second))
        for loop, own in ((first, left), (second, right)):
            loop.run(until(lambda own=own: all(each.looks > 1 for each in own)))
            assert {connection.loop for connection in own} == {loop.loop}


def test_an_event_loop_that_ended_is_forgotten(rounds):
    with LoopThread() as ended:
        ended.run(join(rounds, 10))
    assert rounds.is_idle
    loop = weakref.ref(ended.loop)
    del ended
    with LoopThread() as other:
        other.run(join(rounds, 10))
        assert not rounds.is_idle
        gc.collect()
        assert loop() is None
