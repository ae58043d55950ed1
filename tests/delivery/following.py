"""Readers who follow a server in a thread of their own, while a test writes."""

from contextlib import contextmanager

from tests.load.client import Swarm
from tests.load.readers import LongPoll
from tests.servers.in_process import LoopThread


def long_polls(page, count, **options):
    """Readers who ask from where the page stands now."""
    path = f"/wagtail_live/get-updates/{page.channel_id}/"
    cursor = repr(page.last_update_timestamp)
    return [LongPoll(path, cursor, **options) for _ in range(count)]


@contextmanager
def following(server, readers):
    """Connect the readers; ``until(condition)`` waits until it holds for each."""
    swarm = Swarm(server.port)
    with LoopThread() as loop:
        loop.run(swarm.__aenter__())
        try:
            loop.run(swarm.add(readers))
            yield lambda condition: loop.run(swarm.until(condition))
        finally:
            loop.run(swarm.__aexit__())
