"""Files that are deleted, and chats whose id changes."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.receivers.events import RECEIVER, write
from tests.receivers.fake_slack import FakeSlack
from tests.receivers.image_files import make_image
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.models import (
    DeletedFile,
    FailedDelivery,
    ReceivedImage,
    ReceivedMessage,
    Source,
    UnconnectedSource,
)
from wagtail_live.permissions import SYSTEM
from wagtail_live.receivers import get_receivers, images
from wagtail_live.receivers.base import DeleteFiles, Move
from wagtail_live.receivers.intake import process
from wagtail_live.receivers.slack.receiver import SlackReceiver

pytestmark = pytest.mark.django_db
SECRET = "canary"
SENT = 1_700_000_000


class OfflineSlack(SlackReceiver):
    """A receiver whose images are drawn here."""

    def download(self, attachment, fetch):
        return make_image()


@pytest.fixture
def slack(settings, client, match_page):
    """Send Slack's events to a page that is connected to the channel ``C1``."""
    backend = f"{OfflineSlack.__module__}.{OfflineSlack.__qualname__}"
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "slack": {"BACKEND": backend, "OPTIONS": {"signing_secret": SECRET}}
    }
    Source.objects.create(
        receiver="slack", external_id="C1", channel=match_page.live_channel
    )
    workspace = FakeSlack("", SECRET)

    def send(event):
        body = json.dumps(workspace.envelope(event)).encode()
        response = client.post(
            "/wagtail_live/hooks/slack/",
            body,
            content_type="application/json",
            headers=workspace.sign(body),
        )
        assert response.status_code == 200
        for found in ReceivedImage.objects.filter(due_at__lte=timezone.now()):
            images.fetch(found)

    return send


def image(id):
    return {"id": id, "name": "a.jpg", "mimetype": "image/jpeg", "mode": "hosted"}


def message(*files, text="Two photos", **more):
    ts = f"{SENT}.000100"
    event = {"type": "message", "subtype": "file_share", "channel": "C1", "user": "U1"}
    files = list(files)
    return {**event, "text": text, "ts": ts, "event_ts": ts, "files": files, **more}


def changed(*files, seconds=5, previous=None, **more):
    """Return the event for a change of the message that is not an edit."""
    now = {**message(*files, **more), "subtype": ""}
    event = {
        "type": "message",
        "subtype": "message_changed",
        "channel": "C1",
        "event_ts": f"{SENT + seconds}.000200",
        "message": now,
    }
    return event | ({"previous_message": previous} if previous else {})


TOMBSTONE = {"id": "F1", "mode": "tombstone"}


def images_of(page):
    return [len(list(post.images)) for post in page.live_posts]


@pytest.mark.parametrize(
    "event",
    [
        changed(TOMBSTONE, image("F2")),
        changed(image("F2"), previous=message(image("F1"), image("F2"))),
        {"type": "file_deleted", "file_id": "F1", "event_ts": f"{SENT + 5}.000300"},
        {"type": "file_change", "file_id": "F1", "file": TOMBSTONE},
    ],
)
@pytest.mark.parametrize("overtakes", [False, True])
def test_a_deleted_file_is_gone_in_any_order(slack, match_page, event, overtakes):
    deliveries = [message(image("F1"), image("F2")), event]
    for delivery in reversed(deliveries) if overtakes else deliveries:
        slack(delivery)
    assert images_of(match_page) == [1]
    slack(deliveries[0])
    assert images_of(match_page) == [1]
    assert not FailedDelivery.objects.exists()


def test_the_text_stays_without_its_only_file(slack, match_page):
    slack(message(image("F1")))
    slack(changed(TOMBSTONE))
    (post,) = match_page.live_posts
    assert (post.text, list(post.images)) == ("Two photos", [])


def test_a_post_without_anything_left_is_hidden(slack, match_page):
    slack(message(image("F1"), text=""))
    assert images_of(match_page) == [1]
    slack(changed(TOMBSTONE, text=""))
    assert images_of(match_page) == []


def test_a_deleted_file_leaves_a_post_that_an_editor_has_changed(slack, match_page):
    slack(message(image("F1"), image("F2")))
    (post,) = match_page.live_posts
    (first, second) = post.images
    content = [("text", "<p>Corrected</p>"), ("image", first), ("image", second)]
    posts.edit(match_page.live_channel, post, content=content, actor=SYSTEM)
    slack(changed(TOMBSTONE, image("F2")))
    (post,) = match_page.live_posts
    assert (post.text, list(post.images)) == ("Corrected", [second])


@pytest.mark.every_database
def test_a_file_that_is_deleted_in_one_message_is_gone_from_all(slack, match_page):
    slack(message(image("F1")))
    ts = f"{SENT + 60}.000100"
    slack(message(image("F1"), ts=ts, event_ts=ts))
    slack({"type": "file_deleted", "file_id": "F1", "event_ts": f"{SENT + 90}.000300"})
    assert images_of(match_page) == [0, 0]


def test_a_file_added_without_an_edit_is_shown(slack, match_page):
    slack(message())
    slack(changed(image("F1"), previous=message()))
    assert images_of(match_page) == [1]


def test_a_preview_or_reply_publishes_no_old_message(slack, match_page):
    """Slack reports them as changes, also of messages from before the connection."""
    for seconds, more in enumerate([{"reply_count": 1}, {"attachments": [{"id": 1}]}]):
        slack(changed(seconds=seconds, previous=message(), **more))
    assert not match_page.live_posts.exists()


def test_a_file_removed_by_an_edit_is_gone(slack, match_page):
    slack(message(image("F1"), image("F2")))
    edited = {"user": "U1", "ts": f"{SENT + 5}.000000"}
    before = message(image("F1"), image("F2"))
    slack(changed(image("F2"), previous=before, edited=edited))
    assert images_of(match_page) == [1]


def test_deleted_files_are_forgotten_after_days(settings):
    settings.WAGTAIL_LIVE_KEEP_TOMBSTONES = 30
    process(RECEIVER, DeleteFiles("1", ("F1",)))
    long_ago = timezone.now() - timedelta(days=31)
    DeletedFile.objects.update(deleted_at=long_ago)
    process(RECEIVER, DeleteFiles("2", ("F2", "F2", "")))
    assert [file.file_id for file in DeletedFile.objects.all()] == ["F2"]


@pytest.fixture
def source(match_page):
    return Source.objects.create(
        receiver="newsroom",
        external_id="stand",
        channel=match_page.live_channel,
        allowed_senders="ann",
    )


def move():
    process(RECEIVER, Move("1", "stand", "tribune"))


def write_from_new_channel(*arguments):
    event = write(*arguments)
    return type(event)(**{**vars(event), "external_id": "tribune"})


@pytest.mark.every_database
def test_a_source_follows_its_channel_to_another_id(match_page, source):
    process(RECEIVER, write("1", 1, "Before"))
    move()
    move()  # both chats report it
    process(RECEIVER, write_from_new_channel("1", 1, "After"))
    assert [post.text for post in match_page.live_posts] == ["After", "Before"]
    moved = Source.objects.get()
    assert (moved.external_id, moved.allowed_senders) == ("tribune", "ann")
    assert not UnconnectedSource.objects.exists()


def test_messages_that_overtake_a_move_are_reported(match_page, source):
    process(RECEIVER, write_from_new_channel("1", 1, "Too early"))
    move()
    failed = FailedDelivery.objects.get()
    assert failed.external_id == "tribune"
    assert "1 arrived before the new id" in failed.reason
    assert not UnconnectedSource.objects.exists()


def test_messages_from_before_a_move_can_be_edited(match_page, source):
    process(RECEIVER, write("1", 1, "Before"))
    move()
    process(RECEIVER, write("1", 2, "Corrected"))
    process(RECEIVER, write("2", 1, "Delayed"))
    texts = {post.text for post in match_page.live_posts}
    assert texts == {"Corrected", "Delayed"}


def test_a_page_known_by_its_id_follows_the_channel(match_page):
    match_page.channel_id = "stand"
    match_page.save()
    move()
    process(RECEIVER, write_from_new_channel("1", 1, "After"))
    assert match_page.live_posts.get().text == "After"


def test_a_new_id_that_an_editor_has_connected_is_left_alone(
    home_page, match_page, source
):
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    Source.objects.create(
        receiver="newsroom", external_id="tribune", channel=other.live_channel
    )
    move()
    process(RECEIVER, write_from_new_channel("1", 1, "After"))
    assert other.live_posts.get().text == "After"
    source.refresh_from_db()
    assert source.external_id == "stand"


@pytest.mark.parametrize("new_id", ["", "x" * 201, "a\x00", "stand"])
def test_a_move_to_nowhere_changes_nothing(source, new_id):
    process(RECEIVER, Move("1", "stand", new_id))
    process(RECEIVER, Move("2", "elsewhere", new_id))
    process(RECEIVER, Move("3", "", "tribune"))
    assert Source.objects.get().external_id == "stand"


def test_messages_of_a_slack_channel_keep_their_ids_after_a_move(slack, match_page):
    """Slack Connect gives a channel another id."""
    slack(message())
    ids = {"old_channel_id": "C1", "new_channel_id": "C2"}
    slack({"type": "channel_id_changed", **ids, "event_ts": f"{SENT + 1}.000100"})
    for seconds, channel in [(2, "C1"), (3, "C2")]:
        edited = {"user": "U1", "ts": f"{SENT + seconds}.000000"}
        edit = changed(seconds=seconds, text=f"Edit {seconds}", edited=edited)
        slack({**edit, "channel": channel})
        assert match_page.live_posts.get().text == f"Edit {seconds}"
    assert ReceivedMessage.objects.get().external_id == "C2"
    assert get_receivers()["slack"].keeps_message_ids
