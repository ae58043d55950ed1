"""Every kind of a Discord message is shown, or named for editors."""

import pytest

from tests.receivers.test_discord import read
from wagtail_live.receivers.base import Ignored
from wagtail_live.receivers.document import to_html

BOT = {"id": "9", "username": "feed", "bot": True}
IMAGE = {
    "id": "5",
    "filename": "a.png",
    "content_type": "image/png",
    "url": "https://cdn.discordapp.com/attachments/2/5/a.png?ex=1",
    "size": 9,
}


def read_message(**changes):
    changes = {"content": "", "attachments": [], **changes}
    (event,) = read("MESSAGE_CREATE", **changes)
    return event


def forward(**message):
    snapshot = {"type": 0, "content": "", "embeds": [], "attachments": [], **message}
    reference = {"type": 1, "message_id": "1", "channel_id": "9"}
    return read_message(
        message_reference=reference, message_snapshots=[{"message": snapshot}]
    )


def test_a_forwarded_message_is_a_quote():
    event = forward(
        content="**Goal** by <@4>",
        mentions=[{"id": "4", "username": "ann"}],
        attachments=[IMAGE],
    )
    assert to_html(event.body) == (
        "<blockquote><p><b>Goal</b> by @ann</p></blockquote>"
    )
    assert [image.id for image in event.attachments] == ["5"]


def test_spoilers_are_left_out_of_all_texts_of_an_embed():
    hidden = {"name": "||canary||", "value": "||canary||"}
    embed = {
        "type": "rich",
        "title": "||canary|| wins",
        "description": "||canary||",
        "fields": [hidden],
    }
    shown = to_html(read_message(author=BOT, embeds=[embed]).body)
    assert "canary" not in shown
    assert shown.startswith("<p><b>[…] wins</b></p>")


def test_a_forwarded_embed_of_a_bot_is_shown():
    event = forward(embeds=[{"type": "rich", "title": "Final score"}])
    assert to_html(event.body) == ("<blockquote><p><b>Final score</b></p></blockquote>")


@pytest.mark.parametrize(
    ("message", "omitted"),
    [
        ({"attachments": [{"id": "1", "filename": "a.pdf"}]}, "file “a.pdf”"),
        ({"sticker_items": [{"id": "1", "name": "Wave"}]}, "sticker “Wave”"),
        ({}, "forwarded message"),
    ],
)
def test_parts_of_a_forwarded_message_are_named_for_editors(message, omitted):
    assert forward(**message).omitted == (omitted,)


@pytest.mark.parametrize(
    ("changes", "omitted"),
    [
        (
            {
                "attachments": [
                    {"id": "1", "filename": "a", "content_type": "video/mp4"}
                ]
            },
            "video “a”",
        ),
        ({"attachments": [{"id": "1", "filename": "a.mp3"}]}, "audio “a.mp3”"),
        (
            {"attachments": [{"id": "1", "filename": "v.ogg"}], "flags": 1 << 13},
            "voice message",
        ),
        ({"sticker_items": [{"id": "1", "name": "Wave"}]}, "sticker “Wave”"),
        ({"poll": {"question": {"text": "Who wins?"}}}, "poll “Who wins?”"),
        (
            {"attachments": [{**IMAGE, "filename": "SPOILER_a.png"}]},
            "file marked as a spoiler “SPOILER_a.png”",
        ),
        (
            {"attachments": [{**IMAGE, "flags": 1 << 3}]},
            "file marked as a spoiler “a.png”",
        ),
        (
            {"components": [{"type": 17, "spoiler": True, "components": [{}]}]},
            "part marked as a spoiler",
        ),
        (
            {"components": [{"type": 12, "items": [{"spoiler": True}]}]},
            "image marked as a spoiler",
        ),
        ({"type": 99}, "message of an unknown kind"),
        ({}, "message of an unknown kind"),
    ],
)
def test_a_kind_without_use_for_readers_is_named_for_editors(changes, omitted):
    event = read_message(**changes)
    assert (event.body, event.attachments) == ((), ())
    assert event.omitted == (omitted,)


def test_an_image_without_its_type_is_known_by_its_name():
    file = {name: value for name, value in IMAGE.items() if name != "content_type"}
    (image,) = read_message(attachments=[file]).attachments
    assert image.mime_type == "image/png"


def test_an_embed_of_a_bot_is_its_text():
    embed = {
        "type": "rich",
        "title": "Final score",
        "url": "https://a.example/1",
        "description": "Ajax **won**",
        "fields": [{"name": "Ajax", "value": "2"}, {"name": "PSV", "value": "1"}],
        "image": {"url": "https://a.example/1.png"},
        "footer": {"text": "The league"},
    }
    assert to_html(read_message(author=BOT, embeds=[embed]).body) == (
        '<p><a href="https://a.example/1" rel="noopener"><b>Final score</b></a></p>'
        "<p>Ajax <b>won</b></p>"
        "<p><b>Ajax</b></p><p>2</p><p><b>PSV</b></p><p>1</p>"
        '<p><a href="https://a.example/1.png" rel="noopener">'
        "https://a.example/1.png</a></p><p>The league</p>"
    )


def test_an_image_of_an_embed_that_discord_stores_is_downloaded():
    image = {"url": "https://cdn.discordapp.com/attachments/2/5/a.png?ex=1&hm=2"}
    event = read_message(author=BOT, embeds=[{"type": "rich", "image": image}])
    (attachment,) = event.attachments
    assert (attachment.name, attachment.url) == ("a.png", image["url"])


@pytest.mark.parametrize(
    "changes",
    [
        {"embeds": [{"type": "rich", "title": "A tweet"}]},
        {"author": BOT, "embeds": [{"type": "article", "title": "A story"}]},
        {
            "author": BOT,
            "embeds": [{"type": "rich", "url": "https://a.example", "title": "A"}],
        },
    ],
)
def test_previews_of_links_are_left_out(changes):
    event = read_message(content="https://a.example", **changes)
    assert to_html(event.body).count("<p>") == 1


def test_components_of_a_bot_are_their_text():
    text = {"type": 10, "content": "**Goal**"}
    section = {"type": 9, "components": [text], "accessory": {"type": 2, "style": 1}}
    button = {"type": 2, "style": 5, "label": "Report", "url": "https://a.example"}
    gallery = {"type": 12, "items": [{"media": {"url": IMAGE["url"]}}]}
    file = {"type": 13, "name": "a.pdf", "file": {"url": "https://cdn.example/a.pdf"}}
    container = {
        "type": 17,
        "components": [section, {"type": 1, "components": [button]}, gallery, file],
    }
    event = read_message(author=BOT, components=[container])
    assert to_html(event.body) == (
        '<p><b>Goal</b></p><p><a href="https://a.example" rel="noopener">Report</a></p>'
    )
    assert len(event.attachments) == 1
    assert event.omitted == ("file “a.pdf”",)


@pytest.mark.parametrize("kind", [20, 23])
def test_the_response_of_a_bot_to_a_command_is_a_message(kind):
    event = read_message(type=kind, content="2-1", author=BOT)
    assert to_html(event.body) == "<p>2-1</p>"


def test_a_response_that_was_deferred_gets_its_content_without_an_edit():
    deferred = read_message(type=20, author=BOT, flags=1 << 7)
    assert isinstance(deferred, Ignored)
    changes = {"type": 20, "content": "2-1", "author": BOT, "edited_timestamp": None}
    (event,) = read("MESSAGE_UPDATE", **changes)
    assert to_html(event.body) == "<p>2-1</p>"


@pytest.mark.parametrize("kind", [6, 7, 8, 18, 21, 24, 46])
def test_messages_of_discord_itself_are_ignored(kind):
    assert isinstance(read_message(type=kind), Ignored)
