"""Discord's events are translated correctly, and a bot emits them."""

import asyncio
import json

import pytest

from tests.receivers.fake_discord import TOKEN, FakeDiscord
from tests.receivers.payloads import DISCORD
from wagtail_live.receivers.base import Delete, Ignored, Inbound, Rejected, Upsert
from wagtail_live.receivers.discord.receiver import DiscordReceiver
from wagtail_live.receivers.document import to_html

# docs.discord.com/developers/reference#snowflakes has this example.
ID = "175928847299117063"


def read(name, **changes):
    payload = DISCORD[name]
    data = {**payload["d"], "id": ID, **changes}
    receiver = DiscordReceiver("discord", {"bot_token": TOKEN})
    body = json.dumps({**payload, "d": data}).encode()
    return list(receiver.parse(Inbound(body)))


def test_a_message_is_a_post():
    (post,) = read("MESSAGE_CREATE", mentions=[{"id": "4", "username": "ann"}])
    assert isinstance(post, Upsert)
    assert (post.external_id, post.message_id) == ("2", ID)
    assert post.sent_at.isoformat() == "2016-04-30T11:18:25.796000+00:00"
    assert (post.author.id, post.author.name, post.author.is_bot) == ("4", "ann", False)
    assert to_html(post.body) == "<p><b>Goal</b> :ajax: @ann</p>"
    (image,) = post.attachments
    assert (image.id, image.alt) == ("5", "alt text")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"author": {"id": "4", "username": "ann", "global_name": "Ann"}}, "Ann"),
        ({"member": {"nick": "Ann B."}}, "Ann B."),
    ],
)
def test_an_author_has_the_name_that_discord_shows(changes, name):
    (post,) = read("MESSAGE_CREATE", **changes)
    assert post.author.name == name


@pytest.mark.parametrize(
    "changes", [{"author": {"id": "4", "bot": True}}, {"webhook_id": "9"}]
)
def test_a_machine_is_told_from_a_person(changes):
    (post,) = read("MESSAGE_CREATE", **changes)
    assert post.author.is_bot


def test_an_edit_is_a_newer_version_of_its_message():
    (post,), (edit,) = read("MESSAGE_CREATE"), read("MESSAGE_UPDATE")
    assert edit.message_id == post.message_id
    assert edit.version > post.version
    assert edit.delivery_id != post.delivery_id


def test_a_deletion_is_the_last_version():
    (deletion,) = read("MESSAGE_DELETE")
    assert isinstance(deletion, Delete)
    assert deletion.message_id == ID
    assert deletion.version > read("MESSAGE_UPDATE")[0].version


def test_many_deletions_are_one_each():
    deletions = read("MESSAGE_DELETE_BULK", ids=["1", "6", 7])
    assert [getattr(one, "message_id", None) for one in deletions] == ["1", "6", None]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("MESSAGE_UPDATE", {"edited_timestamp": None}),
        ("MESSAGE_UPDATE", {"edited_timestamp": "yesterday"}),
        ("MESSAGE_CREATE", {"type": 7}),
        *(("MESSAGE_CREATE", {"id": id}) for id in ("", "x", 1, None, "٣", "9" * 50)),
    ],
)
def test_other_events_are_ignored(name, changes):
    """S9."""
    (ignored,) = read(name, **changes)
    assert isinstance(ignored, Ignored)


@pytest.mark.parametrize("guild", ["3", 3, None])
def test_the_configured_server_is_accepted(guild):
    receiver = DiscordReceiver("discord", {"bot_token": TOKEN, "guild_id": guild})
    assert list(receiver.read(DISCORD["MESSAGE_DELETE"]))


@pytest.mark.parametrize("payload", [DISCORD["MESSAGE_DELETE"], {}, {"d": []}])
def test_another_server_is_ignored(payload):
    """S10."""
    receiver = DiscordReceiver("discord", {"bot_token": TOKEN, "guild_id": "4"})
    assert list(receiver.read(payload)) == []


def test_webhooks_are_rejected():
    """S1."""
    with pytest.raises(Rejected):
        DiscordReceiver("discord", {"bot_token": TOKEN}).authenticate(Inbound(b"{}"))


def test_a_missing_token_is_reported_by_checks():
    messages = DiscordReceiver("discord", {}).check()
    assert [message.id for message in messages] == ["wagtail_live.E031"]


async def test_listen_emits_messages():
    emitted = asyncio.Queue()

    class Emit:
        async def __call__(self, event, body):
            assert list(receiver.parse(Inbound(body))) == [event]
            await emitted.put(event)

        async def catch_up(self):
            await emitted.put("caught up")

    async with FakeDiscord() as discord:
        options = {"bot_token": TOKEN, "gateway_url": discord.url}
        receiver = DiscordReceiver("discord", options)
        listening = asyncio.create_task(receiver.listen(Emit()))
        await discord.wait_for(2)
        await discord.dispatch("MESSAGE_CREATE", {**DISCORD["MESSAGE_CREATE"]["d"]})
        async with asyncio.timeout(10):
            began, caught_up, told = [await emitted.get() for _ in range(3)]
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert isinstance(began, Ignored)
    assert caught_up == "caught up"
    assert isinstance(told, Upsert)
