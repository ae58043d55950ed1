"""A bot stays connected to Discord's gateway through all failures."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import pytest

from tests.receivers.fake_discord import TOKEN, FakeDiscord
from wagtail_live.receivers.discord.gateway import Gateway, GatewayRefused

IDENTIFY, HEARTBEAT, RESUME = 2, 1, 6


@pytest.fixture
async def discord():
    async with FakeDiscord() as fake:
        yield fake


@asynccontextmanager
async def following(discord, token=TOKEN):
    """Yield a queue of the texts that a bot with this token receives."""
    texts = asyncio.Queue()

    async def follow():
        async with aclosing(Gateway(token, discord.url).events()) as events:
            async for event in events:
                if event["t"] == "MESSAGE_CREATE":
                    texts.put_nowait(event["d"]["content"])

    task = asyncio.create_task(follow())
    yield texts
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def next_text(texts):
    async with asyncio.timeout(30):
        return await texts.get()


async def test_a_bot_receives_messages(discord):
    async with following(discord) as texts:
        identity = await discord.wait_for(IDENTIFY)
        await discord.dispatch("MESSAGE_CREATE", {"content": "Goal"})
        assert await next_text(texts) == "Goal"
    assert identity["d"]["intents"] & (1 << 15), "without it, messages come empty"


async def test_a_bot_that_lost_its_connection_misses_nothing(discord):
    async with following(discord) as texts:
        await discord.wait_for(IDENTIFY)
        await discord.dispatch("MESSAGE_CREATE", {"content": "one"})
        assert await next_text(texts) == "one"
        await discord.drop()
        await discord.dispatch("MESSAGE_CREATE", {"content": "two"})
        assert await next_text(texts) == "two"
        resumed = await discord.wait_for(RESUME)
    assert resumed["d"]["session_id"] == "session-1"


@pytest.mark.parametrize("payload", ['{"op": 7}', '{"op": 9, "d": true}'])
async def test_a_bot_resumes_its_session_when_asked_to_reconnect(discord, payload):
    async with following(discord) as texts:
        await discord.wait_for(IDENTIFY)
        await discord.dispatch("MESSAGE_CREATE", {"content": "one"})
        assert await next_text(texts) == "one"
        await discord.send(payload)
        await discord.wait_for(RESUME)


@pytest.mark.parametrize("how", ["invalid session", "timed out"])
async def test_a_bot_whose_session_ended_begins_another(discord, how):
    async with following(discord):
        await discord.wait_for(IDENTIFY)
        if how == "timed out":
            await discord.drop(4009)
        else:
            await discord.send('{"op": 9, "d": false}')
        await discord.wait_for(IDENTIFY, times=2)


async def test_a_bot_sends_heartbeats(discord):
    async with following(discord):
        await discord.wait_for(HEARTBEAT, times=3)


async def test_a_connection_without_heartbeat_response_is_closed(discord):
    async with following(discord) as texts:
        await discord.wait_for(IDENTIFY)
        await discord.dispatch("MESSAGE_CREATE", {"content": "one"})
        assert await next_text(texts) == "one"
        discord.answers_heartbeats = False
        await discord.wait_for(RESUME)


async def test_a_refused_bot_stops(discord):
    gateway = Gateway("wrong-canary", discord.url)
    with pytest.raises(GatewayRefused, match="Check its token") as refused:
        await asyncio.wait_for(anext(gateway.events()), 30)
    assert "canary" not in str(refused.value)


async def test_other_payloads_are_ignored(discord):
    """S9."""
    async with following(discord) as texts:
        await discord.wait_for(IDENTIFY)
        for text in ("[", "[]", "null", '"x"', '{"op": "0"}', '{"op": []}'):
            await discord.send(text)
        await discord.dispatch("MESSAGE_CREATE", {"content": "Goal"})
        assert await next_text(texts) == "Goal"
