"""An edit in Discord may hold only some fields: the others are unchanged."""

import json

import pytest

from tests.receivers.payloads import DISCORD
from tests.receivers.test_discord import ID
from wagtail_live.models import ReceivedImage, ReceivedMessage, Source
from wagtail_live.receivers.base import Inbound
from wagtail_live.receivers.discord import DiscordReceiver
from wagtail_live.receivers.intake import process

pytestmark = pytest.mark.django_db

BOT = {"id": "9", "username": "feed", "bot": True}
EMBED = {"type": "rich", "title": "Attendance"}
PREVIEW = {"type": "article", "title": "Preview", "url": "https://news.example/1"}
BUTTON = {"type": 2, "style": 5, "label": "Tickets", "url": "https://a.example/"}
IMAGE = DISCORD["MESSAGE_CREATE"]["d"]["attachments"][0]
VIDEO = {"id": "7", "filename": "goal.mp4", "content_type": "video/mp4"}


@pytest.fixture
def source(match_page):
    return Source.objects.create(
        receiver="discord", external_id="2", channel=match_page.live_channel
    )


def send(kind, data):
    receiver = DiscordReceiver("discord", {"bot_token": "canary"})
    body = json.dumps({"op": 0, "t": kind, "d": {**data, "id": ID}}).encode()
    for event in receiver.parse(Inbound(body)):
        process(receiver, event)


def create(**changes):
    send("MESSAGE_CREATE", {**DISCORD["MESSAGE_CREATE"]["d"], **changes})


def edit(minute=1, **fields):
    """Send an edit with only these fields."""
    time = f"2026-01-01T10:{minute:02}:00.000000+00:00"
    send("MESSAGE_UPDATE", {"channel_id": "2", "edited_timestamp": time, **fields})


def post_of(page):
    return page.live_channel.posts.get()


def image_ids():
    return list(ReceivedImage.objects.values_list("file_id", flat=True))


def test_an_edit_of_the_text_keeps_the_images_and_the_author(match_page, source):
    create(content="Goal")
    edit(content="Goal!")
    assert post_of(match_page).text == "Goal!"
    assert image_ids() == ["5"]
    assert ReceivedMessage.objects.get().sender_name == "ann"


@pytest.mark.parametrize("fields", [{}, {"content": None, "author": None}])
def test_an_edit_of_the_images_keeps_the_text(match_page, source, fields):
    create(content="Goal")
    edit(attachments=[{**IMAGE, "id": "6"}], **fields)
    assert post_of(match_page).text == "Goal"
    assert image_ids() == ["6"]
    edit(2, attachments=[])
    assert image_ids() == []


@pytest.mark.parametrize("author", [{}, {"author": {"id": "4", "username": "ann"}}])
def test_an_edit_of_the_embeds_alone_changes_nothing(match_page, source, author):
    create(content="See https://news.example/1")
    match_page.refresh_from_db()
    before = match_page.last_updated_at
    edit(embeds=[PREVIEW], **author)
    match_page.refresh_from_db()
    assert match_page.last_updated_at == before
    assert image_ids() == ["5"]


def test_an_update_with_a_preview_of_an_edited_message_changes_nothing(
    match_page, source
):
    create(content="Goal")
    edit(content="Goal!")
    edit(content="", embeds=[PREVIEW], attachments=[])
    assert post_of(match_page).text == "Goal!"
    assert image_ids() == ["5"]


def test_what_editors_are_told_of_is_kept(source):
    create(content="Goal", attachments=[VIDEO])
    omitted = ReceivedMessage.objects.get().omitted
    edit(content="Goal!")
    assert ReceivedMessage.objects.get().omitted == omitted
    edit(2, attachments=[])
    assert ReceivedMessage.objects.get().omitted == ""


def test_an_edit_by_an_allowed_sender_is_accepted_without_its_author(
    match_page, source
):
    Source.objects.update(allowed_senders="4")
    create(content="Goal")
    edit(content="Goal!")
    assert post_of(match_page).text == "Goal!"


def test_an_edit_of_an_unknown_message_needs_an_author_where_senders_are_named(
    match_page, source
):
    Source.objects.update(allowed_senders="4")
    edit(content="Goal!")
    assert not match_page.live_channel.posts.exists()


def test_an_edit_of_an_unknown_message_is_a_post(match_page, source):
    edit(content="Goal!")
    assert post_of(match_page).text == "Goal!"


@pytest.mark.parametrize("author", [{}, {"author": BOT}])
def test_an_edit_of_a_bots_text_keeps_its_embeds(match_page, source, author):
    Source.objects.update(include_bots=True)
    create(content="Goal", embeds=[EMBED], author=BOT, components=[BUTTON])
    edit(content="Goal!", **author)
    assert post_of(match_page).text == "Goal! Attendance Tickets"
    edit(2, embeds=[{**EMBED, "title": "Sold out"}], author=BOT)
    assert post_of(match_page).text == "Goal! Sold out Tickets"


def test_a_complete_edit_removes_what_it_no_longer_has(match_page, source):
    Source.objects.update(include_bots=True)
    create(content="Goal", embeds=[EMBED], author=BOT, components=[BUTTON])
    edit(content="Goal!", embeds=[], attachments=[], author=BOT)
    assert post_of(match_page).text == "Goal!"
    assert image_ids() == []
