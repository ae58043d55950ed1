"""``manage.py live_listen`` brings messages from Discord to the page."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.urls import reverse
from wagtail import blocks

from tests.receivers.fake_discord import TOKEN, FakeDiscord
from wagtail_live.management.commands.live_listen import EventProcessor
from wagtail_live.models import FailedDelivery, Source
from wagtail_live.receivers.discord.receiver import DiscordReceiver

IDENTIFY = 2
MESSAGE = {
    "id": "175928847299117063",
    "channel_id": "2",
    "guild_id": "3",
    "author": {"id": "4", "username": "ann"},
}


@pytest.fixture
def connected_page(transactional_db, match_page):
    Source.objects.create(
        receiver="discord", external_id="2", channel=match_page.live_channel
    )
    return match_page


@asynccontextmanager
async def following(token=TOKEN):
    async with FakeDiscord() as discord:
        options = {"bot_token": token, "gateway_url": discord.url}
        receiver = DiscordReceiver("discord", options)
        task = asyncio.create_task(receiver.listen(EventProcessor(receiver)))
        await discord.wait_for(IDENTIFY)
        yield discord
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def wait_for_text(page, text):
    """Wait until the page's only post has this text; ``None`` means no post."""

    @sync_to_async
    def read():
        texts = [str(post.content) for post in page.live_posts]
        return any(text in one for one in texts) if text else not texts

    async with asyncio.timeout(60):
        while not await read():
            await asyncio.sleep(0.05)


async def wait_for_failure():
    async with asyncio.timeout(60):
        while not (failed := await FailedDelivery.objects.afirst()):
            await asyncio.sleep(0.05)
    return failed


class BlockWithoutText(blocks.StreamBlock):
    """A temporary mistake of a site."""

    note = blocks.CharBlock()


async def test_a_message_its_edit_and_its_deletion_reach_the_page(connected_page):
    async with following() as discord:
        await discord.dispatch("MESSAGE_CREATE", {**MESSAGE, "content": "Gaol"})
        await wait_for_text(connected_page, "Gaol")
        edited = {"content": "Goal", "edited_timestamp": "2026-01-01T10:01:00+00:00"}
        await discord.dispatch("MESSAGE_UPDATE", {**MESSAGE, **edited})
        await wait_for_text(connected_page, "Goal")
        await discord.dispatch("MESSAGE_DELETE", MESSAGE)
        await wait_for_text(connected_page, None)


async def test_an_event_that_fails_does_not_stop_the_others(connected_page):
    async with following() as discord:
        poison = {**MESSAGE, "channel_id": "2" * 300, "content": "Poison"}
        await discord.dispatch("MESSAGE_CREATE", poison)
        await discord.dispatch("MESSAGE_CREATE", {**MESSAGE, "content": "Goal"})
        await wait_for_text(connected_page, "Goal")
    failed = await FailedDelivery.objects.aget()
    assert failed.receiver == "discord"


async def test_an_event_that_failed_can_be_replayed(
    connected_page, settings, client, admin_user
):
    backend = "wagtail_live.receivers.discord.DiscordReceiver"
    settings.WAGTAIL_LIVE_RECEIVERS = {"discord": {"BACKEND": backend, "OPTIONS": {}}}
    settings.WAGTAIL_LIVE_POST_BLOCK = f"{__name__}.BlockWithoutText"
    async with following() as discord:
        await discord.dispatch("MESSAGE_CREATE", {**MESSAGE, "content": "Goal"})
        failed = await wait_for_failure()
    settings.WAGTAIL_LIVE_POST_BLOCK = "wagtail_live.blocks.LivePostBlock"
    where = [connected_page.pk, failed.pk, "replay"]
    await sync_to_async(client.force_login)(admin_user)
    replay = reverse("wagtail_live:failed_delivery", args=where)
    await sync_to_async(client.post)(replay)
    await wait_for_text(connected_page, "Goal")


def test_a_webhook_receiver_cannot_listen(settings):
    backend = "wagtail_live.receivers.slack.SlackReceiver"
    settings.WAGTAIL_LIVE_RECEIVERS = {"slack": {"BACKEND": backend, "OPTIONS": {}}}
    for name in ("slack", "nobody"):
        with pytest.raises(CommandError, match="no receiver"):
            call_command("live_listen", name)
