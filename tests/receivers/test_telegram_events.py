"""Telegram's updates are translated correctly."""

import pytest

from tests.receivers.payloads import TELEGRAM
from wagtail_live.receivers.base import Delete, Hide, Ignored, Move, Upsert
from wagtail_live.receivers.document import to_html
from wagtail_live.receivers.telegram.events import read_update

ANN = {"id": 7, "is_bot": False, "first_name": "Ann", "last_name": "Bee"}
GROUP = {"id": -5, "type": "supergroup", "title": "Desk"}


def read(name):
    return read_update(TELEGRAM[name])


def read_message(kind="message", **content):
    message = {"message_id": 3, "date": 1700000000, "chat": GROUP, "from": ANN}
    return read_update({"update_id": 20, kind: {**message, **content}})


def command(text, **more):
    entity = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
    return read_message(text=text, entities=[entity], **more)


def test_a_post_of_a_channel_is_a_post():
    post = read("channel_post_utf16")
    assert isinstance(post, Upsert)
    assert (post.delivery_id, post.external_id, post.message_id) == ("1", "-1001", "2")
    assert post.version == (1700000000, 1)
    assert post.sent_at.isoformat() == "2023-11-14T22:13:20+00:00"
    assert to_html(post.body) == (
        '<p>😀😀 see <a href="https://wagtail.org" rel="noopener">wagtail</a> now</p>'
    )


def test_an_edit_is_a_newer_version_of_its_message():
    edit = read("edited_channel_post")
    assert edit.message_id == read("channel_post_utf16").message_id
    assert edit.version > read("channel_post_utf16").version
    assert to_html(edit.body) == "<p>fixed</p>"


@pytest.mark.parametrize("kind", ["message", "edited_message"])
def test_messages_of_a_group_are_posts_of_their_authors(kind):
    author = read_message(kind, text="Goal").author
    assert (author.id, author.name, author.is_bot) == ("7", "Ann Bee", False)


def test_an_anonymous_administrator_is_the_group():
    bot = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    changes = {"from": bot, "sender_chat": GROUP, "author_signature": "Ann"}
    author = read_message(text="Goal", **changes).author
    assert (author.id, author.name, author.is_bot) == ("-5", "Ann", False)


def test_a_machine_is_told_from_a_person():
    assert read_message(text="Goal", **{"from": {**ANN, "is_bot": True}}).author.is_bot


def test_an_album_is_one_group():
    first, second = read("album_1"), read("album_2")
    assert first.group_id == second.group_id == "13"
    assert first.message_id != second.message_id
    assert to_html(first.body) == "<p>😀 <b>cap</b></p>"


def test_the_largest_size_of_a_photo_is_taken():
    (photo,) = read("album_1").attachments
    assert (photo.id, photo.url) == ("ul", "l")


def test_an_image_sent_as_a_file_is_an_image():
    (image,) = read("document_image").attachments
    assert (image.name, image.mime_type) == ("a.png", "image/png")


def test_the_text_with_a_video_is_shown():
    post = read_message(caption="Goal", video={"file_id": "v"})
    assert (to_html(post.body), post.attachments) == ("<p>Goal</p>", ())


def test_a_caption_that_was_taken_away_leaves_no_text():
    changes = {"video": {"file_id": "v"}, "edit_date": 1700000001}
    edit = read_message("edited_message", **changes)
    assert isinstance(edit, Upsert)
    assert edit.body == ()


@pytest.mark.parametrize(
    "name", ["service_message", "my_chat_member", "deleted_business_messages"]
)
def test_other_events_are_ignored(name):
    ignored = read(name)
    assert isinstance(ignored, Ignored)
    assert ignored.delivery_id == str(TELEGRAM[name]["update_id"])


@pytest.mark.parametrize(("text", "kind"), [("/delete", Delete), ("/hide", Hide)])
@pytest.mark.parametrize("suffix", ["", "@desk_bot", " please"])
def test_a_reply_withdraws_the_message_it_answers(text, kind, suffix):
    event = command(text + suffix, reply_to_message={"message_id": 2})
    assert isinstance(event, kind)
    assert (event.external_id, event.message_id) == ("-5", "2")
    assert event.version == (1700000000, 20)
    assert event.author.id == "7"


def test_a_reply_to_one_image_withdraws_the_album():
    assert command("/delete", reply_to_message={"message_id": 2}).whole_group


@pytest.mark.parametrize("text", ["/start", "/help", "/id", "/id@desk_bot"])
def test_commands_of_telegrams_buttons_are_ignored(text):
    assert isinstance(command(text), Ignored)


@pytest.mark.parametrize(
    "text", ["/delete", "/DELETE", "/delete the second photo", "/quiz@other_bot Ajax"]
)
def test_a_command_that_does_nothing_is_named_for_editors(text):
    event = command(text)
    assert event.body == ()
    assert event.omitted == (f"command “{text}”",)


@pytest.mark.parametrize("text", ["/live kick-off at nine", "/r/ajax is going wild"])
def test_a_text_that_begins_with_a_slash_is_a_post(text):
    assert to_html(command(text).body) == f"<p>{text}</p>"


def test_a_reply_in_a_supergroup_withdraws_a_message_of_the_group_it_was():
    replied = {"message_id": 2, "chat": {"id": -4, "type": "group"}}
    event = command("/delete", reply_to_message=replied)
    assert (event.external_id, event.message_id) == ("-4", "2")


@pytest.mark.parametrize(
    ("chat", "fields"),
    [(-4, {"migrate_to_chat_id": -1005}), (-1005, {"migrate_from_chat_id": -4})],
)
def test_both_chats_report_that_a_group_became_a_supergroup(chat, fields):
    event = read_message(chat={"id": chat}, **fields)
    assert event == Move("20", "-4", "-1005")


def test_an_ordinary_reply_is_a_post_of_its_own():
    reply = read_message(text="/delete that", reply_to_message={"message_id": 2})
    assert isinstance(reply, Upsert)
    assert reply.reply_to == ""


@pytest.mark.parametrize(
    "changes",
    [
        *({"date": date} for date in (0, -1, None, "1", 2**62, 1.5, True)),
        *({"chat": chat} for chat in (None, {}, {"id": None}, {"id": 2**99}, [1])),
        *({"message_id": id} for id in (None, 0, "3", [], {})),
    ],
)
def test_a_message_without_its_chat_id_or_date_is_ignored(changes):
    """S9."""
    assert isinstance(read_message(text="Goal", **changes), Ignored)


def test_hostile_entities_are_only_text():
    """C2: attributes and scripts in URLs and languages."""
    assert to_html(read("hostile_entities").body) == (
        "<p><b>😀</b></p><pre>abc</pre><p><b> &lt;b&gt;x&lt;/b&gt;</b></p>"
    )
