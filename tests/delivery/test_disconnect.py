"""A reader who leaves ends the block that serves them, and nothing after it."""

import asyncio

import pytest

from wagtail_live.delivery.connections import Disconnect


async def leave():
    return {"type": "http.disconnect"}


async def test_a_disconnect_ends_the_block():
    with Disconnect(leave):
        await asyncio.sleep(10)
        pytest.fail("still served")
    await asyncio.sleep(0)


async def test_a_disconnect_at_the_end_of_the_block_cancels_nothing_after_it():
    with Disconnect(leave) as reader:
        watching = reader._watching
        while not watching.done():
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
