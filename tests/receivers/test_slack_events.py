"""Slack's events are translated correctly."""

import pytest

from tests.receivers.payloads import SLACK
from wagtail_live.receivers.base import Delete, Ignored, Upsert
from wagtail_live.receivers.document import to_html
from wagtail_live.receivers.slack.events import read_envelope

NAMES = {"U1": "Ann"}
MESSAGE_ID = "1700000000.000100"


def read(name, **changes):
    envelope = SLACK[name]
    return read_envelope(
        {**envelope, "event": {**envelope["event"], **changes}}, NAMES, "A1"
    )


def test_a_message_is_a_post():
    post = read("message")
    assert isinstance(post, Upsert)
    assert (post.delivery_id, post.external_id, post.message_id) == (
        "Ev1",
        "C1",
        MESSAGE_ID,
    )
    assert post.version == (1700000000, 100)
    assert post.sent_at.isoformat() == "2023-11-14T22:13:20.000100+00:00"
    assert (post.author.id, post.author.name, post.author.is_bot) == (
        "U1",
        "Ann",
        False,
    )
    assert not post.reply_to
    assert to_html(post.body) == (
        "<p>Goal &lt;3 <b>Ajax</b> 🎉 "
        '<a href="https://a.example/?x=1&amp;y=2" rel="noopener">report</a></p>'
    )


def test_mrkdwn_is_used_without_rich_text():
    assert to_html(read("message", blocks=None).body) == to_html(read("message").body)


def test_names_missing_in_rich_text_come_from_the_text():
    elements = [
        {"type": "channel", "channel_id": "C2"},
        {"type": "user", "user_id": "U1"},
        {"type": "usergroup", "usergroup_id": "S1"},
    ]
    section = {"type": "rich_text_section", "elements": elements}
    blocks = [{"type": "rich_text", "elements": [section]}]
    text = "<#C2|cup &amp; final><@U1|annie><!subteam^S1|@desk>"
    post = read("message", blocks=blocks, text=text)
    assert to_html(post.body) == "<p>#cup &amp; final@Ann@desk</p>"


def test_an_edit_is_a_newer_version_of_its_message():
    edit = read("message_changed")
    assert edit.message_id == read("message").message_id
    assert edit.version > read("message").version
    assert to_html(edit.body) == "<p>Goal!</p>"


@pytest.mark.parametrize("name", ["message_deleted", "message_changed_tombstone"])
def test_a_deletion_is_newer_than_any_edit(name):
    deletion = read(name)
    assert isinstance(deletion, Delete)
    assert (deletion.external_id, deletion.message_id) == ("C1", MESSAGE_ID)
    assert deletion.version > read("message_changed").version


@pytest.mark.parametrize(
    "name",
    [
        "message_changed_unfurl_no_edited_key",
        "app_bot_message_without_subtype",
        "other_event",
        "message_with_file_tombstone",
    ],
)
def test_other_messages_are_ignored(name):
    changes = {"text": ""} if name == "message_with_file_tombstone" else {}
    ignored = read(name, **changes)
    assert isinstance(ignored, Ignored)
    assert ignored.delivery_id


@pytest.mark.parametrize("subtype", ["channel_join", "message_replied", "pinned_item"])
def test_other_kinds_of_messages_are_ignored(subtype):
    assert subtype in read("message", subtype=subtype).reason


def test_a_limit_that_was_reached_is_ignored():
    assert isinstance(read_envelope(SLACK["app_rate_limited"], {}), Ignored)


def test_a_reply_names_its_thread():
    assert read("thread_reply").reply_to == MESSAGE_ID


def test_a_reply_that_was_sent_to_the_channel_too_stands_alone():
    assert read("thread_broadcast").reply_to == ""


def test_the_first_message_of_a_thread_is_no_reply():
    assert read("message", thread_ts=MESSAGE_ID).reply_to == ""


def test_a_machine_is_told_from_a_person():
    author = read("bot_message").author
    assert (author.id, author.name, author.is_bot) == ("B1", "feed", True)


def test_an_image_is_attached_to_its_message():
    post = read("file_share")
    (image,) = post.attachments
    assert (image.id, image.alt) == ("F1", "A goal")
    assert image.url == "https://files.slack.com/files-pri/T1-F1/a.jpg"
    assert to_html(post.body) == "<p>pic</p>"


def test_a_file_from_another_workspace_may_be_an_image():
    (file,) = read("message_with_file_connect_check_info").attachments
    assert (file.id, file.url) == ("F2", "")


@pytest.mark.parametrize(
    "file",
    [
        {"id": "F", "mimetype": "application/pdf", "mode": "hosted"},
        {"id": "F", "mimetype": "image/png", "mode": "tombstone"},
        {"id": "F", "mimetype": "image/png", "is_external": True},
        {"mimetype": "image/png"},
        {"id": ["F"], "mimetype": 1},
        "F1",
    ],
)
def test_other_files_leave_the_text(file):
    post = read("file_share", files=[file])
    assert (to_html(post.body), post.attachments) == ("<p>pic</p>", ())


@pytest.mark.parametrize("ts", ["", "1", "x.y", "1.2\n", "٣.٤", None, 1.5, "9" * 99])
def test_a_message_without_its_time_is_ignored(ts):
    """S9."""
    assert isinstance(read("message", ts=ts), Ignored)
    assert isinstance(read("message_deleted", deleted_ts=ts), Ignored)
