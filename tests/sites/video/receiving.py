"""Videos and voice messages of reporters, on a site whose posts have blocks for them.
tests/sites/test_video.py runs these tests in a process with other settings."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtailmedia.models import Media

from tests.receivers.fake_mail import Postmark, Written
from tests.receivers.fake_mattermost import FakeMattermost
from tests.receivers.fake_slack import FakeSlack
from tests.receivers.fake_telegram import FakeTelegram
from tests.receivers.fake_whatsapp import FakeWhatsApp
from tests.receivers.image_files import make_image
from tests.receivers.newsroom import TELEGRAM_SECRET, TrustingTelegram
from tests.receivers.test_whatsapp import TrustingWhatsApp
from wagtail_live import posts
from wagtail_live.models import (
    ReceivedContent,
    ReceivedImage,
    ReceivedMessage,
    Source,
)
from wagtail_live.permissions import SYSTEM
from wagtail_live.receivers import get_receivers, images, media
from wagtail_live.receivers.base import DeleteFiles, Inbound
from wagtail_live.receivers.discord.content import read_content as read_discord
from wagtail_live.receivers.email import PostmarkReceiver
from wagtail_live.receivers.fetch import Fetcher
from wagtail_live.receivers.intake import process
from wagtail_live.receivers.mattermost import MattermostReceiver
from wagtail_live.receivers.slack import SlackReceiver

pytestmark = pytest.mark.django_db
CHAT = -1001
VIDEO = b"\0\0\0\x18ftypmp42" + b"\0" * 12 + b"video"
VOICE = b"OggS" + b"\0" * 24 + b"OpusHead"


class LoopbackSlack(SlackReceiver):
    """A receiver that downloads the files of Slack from the fake."""

    def get_fetcher(self):
        return Fetcher(self.allowed_hosts, trust_loopback=True)

    def download(self, attachment, fetch):
        def fetch_here(url, headers=None):
            path = url.removeprefix("https://files.slack.com")
            return fetch(self.options["files_url"] + path, headers)

        return super().download(attachment, fetch_here)


@pytest.fixture
def telegram():
    with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def slack():
    with FakeSlack("", "canary") as fake:
        yield fake


@pytest.fixture(autouse=True)
def sources(settings, telegram, slack, match_page):
    for name, id in (("telegram", str(CHAT)), ("slack", "C1")):
        channel = match_page.live_channel
        Source.objects.create(receiver=name, external_id=id, channel=channel)
    options = {
        "telegram": {
            "secret_token": TELEGRAM_SECRET,
            "bot_token": telegram.token,
            "api_url": telegram.url,
        },
        "slack": {
            "signing_secret": "canary",
            "bot_token": slack.bot_token,
            "api_url": f"{slack.url}/api",
            "files_url": slack.url,
        },
    }
    backends = {"telegram": TrustingTelegram, "slack": LoopbackSlack}
    settings.WAGTAIL_LIVE_RECEIVERS = {
        name: {
            "BACKEND": f"{backend.__module__}.{backend.__name__}",
            "OPTIONS": options[name],
        }
        for name, backend in backends.items()
    }


def receive(name, body):
    receiver = get_receivers()[name]
    for event in receiver.parse(Inbound(json.dumps(body).encode())):
        process(receiver, event)


def send_telegram(telegram, kind="message", message=None, **content):
    message = message or telegram.message(CHAT, **content)
    receive("telegram", {"update_id": message["message_id"], kind: message})
    return message


def send_slack(slack, text, *files):
    event = slack.message("C1", text, files=list(files), subtype="file_share")
    receive("slack", slack.envelope(event))
    return event


def fetch_due(after=0):
    """Download what is due after some seconds."""
    moment = timezone.now() - timedelta(seconds=after)
    ReceivedImage.objects.filter(due_at__gt=moment).update(due_at=moment)
    for found in ReceivedImage.objects.filter(due_at__lte=timezone.now()):
        images.fetch(found)


def kinds(page):
    return [block.block_type for post in page.live_posts for block in post.content]


def omitted():
    return ReceivedMessage.objects.latest("pk").omitted


def test_a_video_of_telegram_stays_in_its_post(client, telegram, match_page):
    video = telegram.video(VIDEO, make_image(), file_name="goal.mp4")
    message = send_telegram(telegram, video=video, caption="Late winner")
    assert kinds(match_page) == ["text"]
    fetch_due()
    assert kinds(match_page) == ["text", "video"]
    found = Media.objects.get()
    assert (found.type, found.title, found.duration) == ("video", "goal", 12)
    assert (found.width, found.height) == (1280, 720)
    assert found.file.read() == VIDEO
    assert found.file.name.endswith(".mp4")
    assert found.thumbnail
    page = client.get(match_page.url).content.decode()
    assert f'<source src="{found.url}" type="video/mp4">' in page
    assert f'poster="{found.thumbnail.url}"' in page
    # An edit of the text asks for nothing again.
    calls = len(telegram.calls)
    edited = telegram.edited(message, caption="Late, late winner")
    send_telegram(telegram, "edited_message", edited)
    fetch_due()
    assert len(telegram.calls) == calls
    assert kinds(match_page) == ["text", "video"]
    send_telegram(telegram, message=telegram.reply(message, "/delete"))
    assert kinds(match_page) == []


@pytest.mark.parametrize(
    ("kind", "file", "block", "title"),
    [
        ("voice", {"mime_type": "audio/ogg"}, "audio", "Audio"),
        (
            "audio",
            {"mime_type": "audio/ogg", "performer": "Ann", "title": "Song"},
            "audio",
            "Ann Song",
        ),
        ("video_note", {"length": 240}, "video", "Video"),
        ("animation", {"mime_type": "video/mp4"}, "video", "Video"),
        ("document", {"mime_type": "video/quicktime"}, "video", "Video"),
    ],
)
def test_other_kinds_of_telegram(telegram, match_page, kind, file, block, title):
    content = VOICE if block == "audio" else VIDEO
    sent = telegram._file(content, duration=4, **file)
    sent |= {"file_unique_id": kind}
    # Telegram sends an animation as a document, too.
    twice = {"document": sent} if kind == "animation" else {}
    send_telegram(telegram, **{kind: sent}, **twice)
    fetch_due()
    assert kinds(match_page) == [block]
    found = Media.objects.get()
    assert (found.title, found.duration) == (title, 4)
    assert (found.width == 240) == (kind == "video_note")
    assert not omitted()


def test_an_album_of_photos_and_videos(telegram, match_page):
    group = {"media_group_id": "9"}
    photos = [telegram.photo(make_image(color=color)) for color in ("red", "blue")]
    send_telegram(telegram, photo=photos[0], caption="Team", **group)
    video = telegram.video(VIDEO, make_image())
    send_telegram(telegram, video=video, **group)
    send_telegram(telegram, photo=photos[1], **group)
    fetch_due()
    post = match_page.live_posts.get()
    assert [block.block_type for block in post.content] == ["text", "gallery", "video"]


def test_a_video_beyond_the_limits_is_named(
    telegram, slack, match_page, settings, admin_client
):
    large = telegram.video(VIDEO, make_image(), file_name="match.mp4")
    send_telegram(telegram, video={**large, "file_size": 21 * 2**20}, caption="Match")
    assert omitted() == "Not shown: video “match.mp4” (larger than 20.0\xa0MB)"
    settings.WAGTAIL_LIVE_MAX_VIDEO_SIZE = 20
    send_slack(slack, "Goal", slack.clip("goal.mp4", VIDEO, "video/mp4"))
    assert omitted() == "Not shown: video “goal.mp4” (larger than 20\xa0bytes)"
    spoiler = telegram.video(VIDEO, make_image())
    send_telegram(telegram, video=spoiler, has_media_spoiler=True, caption="Twist")
    assert omitted() == "Not shown: video marked as a spoiler"
    fetch_due()
    assert not Media.objects.exists()
    # A host that doesn't say how large a file is.
    small = {**telegram.video(VIDEO, make_image()), "file_size": 0}
    send_telegram(telegram, video=small, caption="Small?")
    fetch_due()
    received = ReceivedImage.objects.get()
    assert "too large" in received.error
    assert kinds(match_page) == ["text"] * 4
    page = reverse("wagtail_live:connections", args=[match_page.pk])
    shown = admin_client.get(page).content.decode()
    assert f"Missing video or audio: {received.error}" in shown


def test_clips_of_slack(slack, match_page):
    title = {"title": "The goal & more"}
    video = slack.clip(
        "g.mp4", VIDEO, "video/mp4", **slack.frame(make_image()), **title
    )
    name = "audio_message.m4a"
    audio = slack.clip(name, VIDEO, "audio/mp4", subtype="slack_audio", title=name)
    send_slack(slack, "Goal", video, audio)
    fetch_due()
    assert kinds(match_page) == ["text", "video", "audio"]
    shown = Media.objects.get(type="video")
    assert (shown.title, shown.duration) == ("The goal & more", 12.5)
    assert (shown.width, shown.height) == (1280, 720)
    assert shown.thumbnail
    sound = Media.objects.get(type="audio")
    assert sound.file.name.endswith(".m4a")
    assert {call.headers["authorization"] for call in slack.calls} == {
        f"Bearer {slack.bot_token}"
    }
    # The file of another message that was downloaded before is not downloaded again.
    send_slack(slack, "Again", video)
    fetch_due()
    assert Media.objects.count() == 2
    process(get_receivers()["slack"], DeleteFiles("1", (video["id"],)))
    assert kinds(match_page) == ["text", "text", "audio"]


def test_a_file_of_another_type_is_not_stored(slack, match_page):
    """Slack answers with its login page without the right, as for images."""
    slack.bot_token = "other"
    send_slack(slack, "Goal", slack.clip("goal.mp4", VIDEO, "video/mp4"))
    fetch_due()
    assert "text/html" in ReceivedImage.objects.get().error
    slack.bot_token = "xoxb-canary"
    page = b"<!DOCTYPE html><script>alert(1)</script>"
    send_slack(slack, "Goal", slack.clip("page.mp4", page, "video/mp4"))
    fetch_due()
    received = ReceivedImage.objects.latest("pk")
    assert received.error == "The file is neither a video nor audio."
    assert received.due_at is None
    assert not Media.objects.exists()


def test_a_download_that_fails_is_tried_again(telegram, match_page):
    video = telegram.video(VIDEO, b"no image")
    telegram.paths[video["file_id"]] = "files/away"
    send_telegram(telegram, video=video, caption="Goal")
    telegram.files["away"] = b""
    fetch_due()
    received = ReceivedImage.objects.get()
    assert received.attempts == 1
    assert kinds(match_page) == ["text"]
    del telegram.paths[video["file_id"]]
    ReceivedImage.objects.update(due_at=timezone.now())
    fetch_due()
    assert kinds(match_page) == ["text", "video"]
    assert not Media.objects.get().thumbnail


def test_a_video_waits_while_others_are_downloaded(telegram, match_page):
    send_telegram(telegram, video=telegram.video(VIDEO, make_image()))
    with media.slots, media.slots:
        fetch_due()
    received = ReceivedImage.objects.get()
    assert (received.attempts, received.error) == (0, "")
    ReceivedImage.objects.update(due_at=timezone.now())
    fetch_due()
    assert kinds(match_page) == ["video"]


def test_a_video_is_added_to_a_post_that_an_editor_has_changed(telegram, match_page):
    send_telegram(telegram, video=telegram.video(VIDEO, make_image()), caption="Goal")
    post = match_page.live_posts.get()
    posts.edit(match_page.live_channel, post, content="<p>Own words</p>", actor=SYSTEM)
    fetch_due()
    assert kinds(match_page) == ["text", "video"]
    assert "Own words" in str(match_page.live_posts.get().content[0].value)
    message = ReceivedMessage.objects.get()
    event = DeleteFiles("1", (message.images.get().file_id,))
    process(get_receivers()["telegram"], event)
    assert kinds(match_page) == ["text"]


def test_files_of_discord():
    voice = {"id": "1", "filename": "voice-message.ogg", "content_type": "audio/ogg"}
    voice |= {"url": "https://cdn.discordapp.com/a/voice-message.ogg", "size": 20}
    message = {"attachments": [{**voice, "duration_secs": 4.5}], "flags": 1 << 13}
    [attachment] = read_discord(message, is_bot=False).attachments
    assert (attachment.kind, attachment.duration) == ("audio", 4.5)


def test_the_extension_is_that_of_the_content():
    assert media.find_extension(VIDEO, "video") == "mp4"
    assert media.find_extension(VOICE, "audio") == "ogg"
    assert media.find_extension(b"ID3\x04", "audio") == "mp3"
    assert media.find_extension(b"<html>", "video") == ""


def use(settings, match_page, name, receiver, options, external_id, senders=""):
    backend = f"{receiver.__module__}.{receiver.__name__}"
    settings.WAGTAIL_LIVE_RECEIVERS = {name: {"BACKEND": backend, "OPTIONS": options}}
    Source.objects.create(
        receiver=name,
        external_id=external_id,
        channel=match_page.live_channel,
        allowed_senders=senders,
    )


def test_a_voice_message_of_whatsapp_stays_in_its_post(settings, match_page):
    with FakeWhatsApp("canary") as whatsapp:
        options = {"access_token": whatsapp.token, "api_url": whatsapp.api_url}
        place = whatsapp.number, "447700900123"
        use(settings, match_page, "mobile", TrustingWhatsApp, options, *place)
        mime_type = "audio/ogg; codecs=opus"
        voice = whatsapp.upload(VOICE, mime_type, voice=True)
        video = whatsapp.upload(VIDEO, "video/mp4", caption="Late winner")
        messages = whatsapp.message("audio", voice), whatsapp.message("video", video)
        receive("mobile", whatsapp.delivery(*messages))
        fetch_due()
    assert sorted(kinds(match_page)) == ["audio", "text", "video"]
    assert not ReceivedMessage.objects.exclude(omitted="").exists()


def test_the_type_of_a_file_of_mattermost_is_asked_for(settings, match_page):
    with FakeMattermost() as mattermost:
        options = {"url": mattermost.url, "bot_token": mattermost.bot_token}
        place = (mattermost.channel,)
        use(settings, match_page, "chat", MattermostReceiver, options, *place)
        files = [
            mattermost.upload(VIDEO, "goal.mp4", "video/mp4"),
            mattermost.upload(make_image(), "goal.jpg", "image/jpeg"),
        ]
        receive("chat", mattermost.message("Goal", *files))
        fetch_due()
    assert sorted(kinds(match_page)) == ["image", "text", "video"]
    assert Media.objects.get().title == "goal"


def test_a_video_in_an_email_stays_in_its_post(settings, match_page):
    place = "match@live.example", "ann@paper.example"
    use(settings, match_page, "mail", PostmarkReceiver, {}, *place)
    files = [("goal.mov", "video/quicktime", VIDEO, "")]
    receive("mail", Postmark().fields(Written(text="Late winner", files=files)))
    fetch_due()
    assert kinds(match_page) == ["text", "video"]
    assert not ReceivedContent.objects.exists()
