"""Every kind of a Telegram message is shown, or named for editors."""

import pytest

from tests.receivers.test_telegram_events import read_message
from wagtail_live.receivers.base import Ignored
from wagtail_live.receivers.document import to_html

PHOTO = [{"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9}]


@pytest.mark.parametrize(
    ("content", "omitted"),
    [
        ({"photo": PHOTO, "has_media_spoiler": True}, "image marked as a spoiler"),
        ({"video": {"file_id": "v", "file_name": "goal.mp4"}}, "video “goal.mp4”"),
        ({"video_note": {"file_id": "v", "length": 240}}, "video message"),
        ({"voice": {"file_id": "v", "mime_type": "audio/ogg"}}, "voice message"),
        ({"audio": {"performer": "Ann", "title": "Song"}}, "audio “Ann Song”"),
        ({"sticker": {"file_id": "s", "emoji": "👍"}}, "sticker “👍”"),
        ({"poll": {"id": "1", "question": "Who wins?"}}, "poll “Who wins?”"),
        ({"dice": {"emoji": "🎲", "value": 6}}, "dice “🎲”"),
        ({"game": {"title": "Chess", "photo": PHOTO}}, "game “Chess”"),
        ({"story": {"chat": {"id": -7}, "id": 3}}, "story"),
        ({"paid_media": {"star_count": 5, "paid_media": []}}, "paid media"),
        ({"invoice": {"title": "Ticket"}}, "invoice “Ticket”"),
        ({"rich_message": {"blocks": []}}, "message of an unknown kind “rich_message”"),
    ],
)
def test_a_kind_without_use_for_readers_is_named_for_editors(content, omitted):
    event = read_message(**content)
    assert (event.body, event.attachments) == ((), ())
    assert event.omitted == (omitted,)


def test_a_file_is_named_beside_its_caption():
    pdf = {"file_id": "d", "file_name": "lineup.pdf", "mime_type": "application/pdf"}
    event = read_message(document=pdf, caption="The lineup")
    assert to_html(event.body) == "<p>The lineup</p>"
    assert event.omitted == ("file “lineup.pdf”",)


def test_a_file_of_an_unknown_kind_is_named_beside_its_caption():
    event = read_message(invented_later={"file_id": "x"}, caption="Goal")
    assert to_html(event.body) == "<p>Goal</p>"
    assert event.omitted == ("message of an unknown kind “invented_later”",)


def test_an_animation_which_telegram_sends_twice_is_named_once():
    file = {"file_id": "a", "file_name": "dance.mp4", "mime_type": "video/mp4"}
    event = read_message(animation=file, document=file)
    assert event.omitted == ("animation “dance.mp4”",)


@pytest.mark.parametrize("content", [{"photo": PHOTO}, {"text": "Goal"}])
def test_nothing_is_named_of_a_message_that_is_shown(content):
    assert read_message(**content).omitted == ()


def test_a_contact_or_position_is_not_published():
    contact = {"phone_number": "+31612345678", "first_name": "Ann", "last_name": "Bee"}
    event = read_message(contact=contact)
    assert (event.body, event.omitted) == ((), ("contact “Ann Bee”",))
    event = read_message(location={"latitude": 52.3, "longitude": 4.9})
    assert (event.body, event.omitted) == ((), ("location",))


def test_a_venue_is_its_name_and_street():
    place = {"latitude": 52.3, "longitude": 4.9}
    venue = {"location": place, "title": "Arena", "address": "Boulevard 1"}
    event = read_message(venue=venue, location=place)
    assert to_html(event.body) == "<p><b>Arena</b><br>Boulevard 1</p>"
    assert event.omitted == ()


def test_a_checklist_is_a_list():
    tasks = [{"id": 1, "text": "Flags"}, {"id": 2, "text": "Scarves"}]
    event = read_message(checklist={"title": "To bring", "tasks": tasks})
    assert to_html(event.body) == (
        "<p>To bring</p><ul><li>Flags</li><li>Scarves</li></ul>"
    )


@pytest.mark.parametrize(
    ("is_manual", "html"),
    [
        (True, "<blockquote><p>a draw</p></blockquote><p>Really?</p>"),
        (False, "<p>Really?</p>"),
    ],
)
def test_a_quote_that_the_sender_chose_is_shown(is_manual, html):
    quote = {"text": "a draw", "position": 4, "is_manual": is_manual}
    replied = {"message_id": 2, "text": "Now a draw"}
    event = read_message(text="Really?", quote=quote, reply_to_message=replied)
    assert to_html(event.body) == html


@pytest.mark.parametrize(
    "content",
    [
        {"new_chat_members": [{"id": 1}], "new_chat_member": {"id": 1}},
        {"left_chat_member": {"id": 1}},
        {"new_chat_photo": PHOTO},
        {"pinned_message": {"message_id": 2, "text": "Goal"}},
        {"forum_topic_created": {"name": "Match"}},
        {"video_chat_started": {}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}},
        {"group_chat_created": True},
        {"giveaway_created": {}},
        {"boost_added": {"boost_count": 1}},
    ],
)
def test_messages_of_telegram_itself_are_ignored(content):
    assert isinstance(read_message(**content), Ignored)
