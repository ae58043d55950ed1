"""Messages from Discord while ``live_listen`` is not running are fetched later."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from tests.receivers.fake_discord import TOKEN, FakeDiscord, FakeDiscordApi
from tests.receivers.test_live_listen import IDENTIFY
from wagtail_live.management.commands.live_listen import EventProcessor
from wagtail_live.models import Source
from wagtail_live.receivers.discord.events import id_at
from wagtail_live.receivers.discord.history import History
from wagtail_live.receivers.discord.receiver import DiscordReceiver
from wagtail_live.receivers.fetch import ApiFailed


@pytest.fixture
def api():
    with FakeDiscordApi() as fake:
        yield fake


@pytest.fixture
def connected_page(transactional_db, match_page):
    Source.objects.create(
        receiver="discord", external_id="2", channel=match_page.live_channel
    )
    return match_page


def message(number, *, age=timedelta(0), **changes):
    """Return a message as in the API: without its server and the member's data."""
    return {
        "id": str(id_at(timezone.now() - age) + number),
        "channel_id": "2",
        "type": 0,
        "author": {"id": "4", "username": "ann", "bot": False},
        "content": f"Message {number}",
        "timestamp": "2026-01-01T10:00:00.000000+00:00",
        "edited_timestamp": None,
        "attachments": [],
        "embeds": [],
        "mentions": [],
        **changes,
    }


@asynccontextmanager
async def following(api, **options):
    async with FakeDiscord() as gateway:
        where = {"gateway_url": gateway.url, "api_url": api.url}
        receiver = DiscordReceiver("discord", {"bot_token": TOKEN, **where, **options})
        task = asyncio.create_task(receiver.listen(EventProcessor(receiver)))
        await gateway.wait_for(IDENTIFY)
        yield gateway
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def wait_for_texts(page, *texts):
    @sync_to_async
    def read():
        return sorted(post.text for post in page.live_posts)

    async with asyncio.timeout(60):
        while await read() != sorted(texts):
            await asyncio.sleep(0.05)


async def tell(gateway, told):
    await gateway.dispatch("MESSAGE_CREATE", {**told, "guild_id": "3"})


async def test_missed_messages_are_posted_after_a_restart(connected_page, api):
    api.messages = [message(number) for number in range(4)]
    async with following(api) as gateway:
        await tell(gateway, api.messages[1])
        await wait_for_texts(connected_page, "Message 1")
    async with following(api) as gateway:
        await tell(gateway, api.messages[3])
        await tell(gateway, message(4))
        texts = [f"Message {number}" for number in (1, 2, 3, 4)]
        await wait_for_texts(connected_page, *texts)


async def test_channels_without_messages_are_not_requested(connected_page, api):
    """Messages from before the channel was connected stay in Discord."""
    api.messages = [message(0)]
    async with following(api) as gateway:
        await tell(gateway, message(1))
        await wait_for_texts(connected_page, "Message 1")
    assert not api.calls


async def test_missed_messages_of_another_server_are_ignored(connected_page, api):
    async with following(api, guild_id="3") as gateway:
        await tell(gateway, message(1))
        await wait_for_texts(connected_page, "Message 1")
    api.guild_id = "666"
    api.messages = [message(2)]
    async with following(api, guild_id="3") as gateway:
        await tell(gateway, message(3))
        await wait_for_texts(connected_page, "Message 1", "Message 3")


async def test_a_bot_without_access_to_history_still_listens(
    connected_page, api, caplog
):
    async with following(api) as gateway:
        await tell(gateway, message(1))
        await wait_for_texts(connected_page, "Message 1")
    api.token = "another"
    async with following(api) as gateway:
        await tell(gateway, message(2))
        await wait_for_texts(connected_page, "Message 1", "Message 2")
    assert (
        "could not fetch missed messages from 2: Discord responded with 401"
        in caplog.text
    )
    assert TOKEN not in caplog.text


def test_many_messages_come_in_their_order(api):
    """Also while Discord has a failure of a moment, or limits the requests."""
    api.messages = [message(number) for number in range(250)]
    api.busy, api.failing = 2, 1
    history = History(TOKEN, api.url)
    first, *others = api.messages
    found = list(history.messages_after("2", first["id"]))
    assert [told["id"] for told in found] == [told["id"] for told in others]
    assert {told["guild_id"] for told in found} == {"3"}


def test_messages_older_than_a_day_are_not_requested(api):
    old, *new = [message(1, age=timedelta(hours=age)) for age in (25, 23, 1)]
    api.messages = [old, *new]
    found = History(TOKEN, api.url).messages_after("2", "1")
    assert [told["id"] for told in found] == [told["id"] for told in new]


@pytest.mark.parametrize("busy", [0, 99])
def test_a_failure_contains_no_token(api, busy):
    api.busy = busy
    api.token = api.token if busy else "another"
    with pytest.raises(ApiFailed) as failed:
        list(History(TOKEN, api.url).messages_after("2", "1"))
    assert TOKEN not in str(failed.value)
