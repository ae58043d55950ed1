"""Mattermost: tokens, both content types, texts, and files through the API."""

import json

import pytest
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests.receivers.fake_mattermost import FakeMattermost
from tests.receivers.image_files import make_image
from wagtail_live.models import FailedDelivery, ReceivedImage, ReceivedMessage, Source
from wagtail_live.receivers import images
from wagtail_live.receivers.base import Inbound, Rejected, Upsert
from wagtail_live.receivers.composing import to_part
from wagtail_live.receivers.document import to_html
from wagtail_live.receivers.mattermost import MattermostReceiver
from wagtail_live.receivers.mattermost.text import from_mattermost
from wagtail_live.receivers.testing import MALFORMED, ReceiverContract

TOKEN = "zmigewsanbbsdf59xnmduzypjc"


class MattermostContractTests(ReceiverContract, TestCase):
    receiver_class = MattermostReceiver
    options = {"token": TOKEN}
    external_id = FakeMattermost.channel
    fuzzed = 100
    mattermost = FakeMattermost("")

    def sign(self, body):
        return {}

    def encode(self, payload):
        payload = payload if isinstance(payload, dict) else {"text": payload}
        return json.dumps({**payload, "token": TOKEN}).encode()

    def forge(self, body):
        for token in ("", TOKEN[::-1], "ä\x00", None, [TOKEN], 0):
            yield json.dumps({**json.loads(body), "token": token}).encode(), {}
        yield from ((other, {}) for other in MALFORMED)

    def create(self, message_id, text):
        return self.mattermost.message(text, post_id=message_id)

    def edit(self, message_id, text, version):
        return None

    def delete(self, message_id):
        return None

    def omit(self, message_id):
        return self.mattermost.message("", "file1", post_id=message_id)


@pytest.fixture
def mattermost():
    with FakeMattermost(TOKEN) as fake:
        yield fake


@pytest.fixture
def send(client, settings, mattermost, match_page):
    """Send a message to the webhook, and then download what is due."""
    backend = "wagtail_live.receivers.mattermost.MattermostReceiver"
    files = {"url": mattermost.url, "bot_token": mattermost.bot_token}
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "chat": {"BACKEND": backend, "OPTIONS": {"token": ["new", TOKEN], **files}}
    }
    Source.objects.create(
        receiver="chat",
        external_id=mattermost.channel,
        channel=match_page.live_channel,
    )

    def send(body, content_type):
        url = reverse("live-webhook", args=["chat"])
        response = client.post(url, body, content_type=content_type)
        for found in ReceivedImage.objects.filter(due_at__lte=timezone.now()):
            images.fetch(found)
        return response

    return send


def shown(page):
    return [
        [(block.block_type, str(block.value)) for block in post.content]
        for post in page.live_channel.posts.oldest_first()
    ]


@pytest.mark.django_db
def test_json_and_forms_are_the_same_message(send, mattermost, match_page):
    message = mattermost.message("Goal **by Ann** :soccer: & 100%")
    for body, content_type in (
        mattermost.as_form(message),
        mattermost.as_json(message),
    ):
        assert send(body, content_type).status_code == 200
    post = match_page.live_posts.get()
    assert post.text == "Goal by Ann ⚽ & 100%"
    assert post.author_name == "ann"
    assert abs((timezone.now() - post.created).total_seconds()) < 60


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"token=wrong&text=a", 403, b"The token is missing or wrong."),
        (b"", 403, b"The token is missing or wrong."),
        (b"token", 400, b"The body is neither JSON nor a form."),
        (b"\xff=\xff", 400, b"The body is neither JSON nor a form."),
        (b"a=b&" * 200, 400, b"The body is neither JSON nor a form."),
        (b"{", 400, b"The body is not JSON."),
    ],
)
def test_other_requests_are_refused_with_the_reason(send, body, status, reason):
    response = send(body, "application/x-www-form-urlencoded")
    assert (response.status_code, response.content) == (status, reason)
    assert not FailedDelivery.objects.exists()


@pytest.mark.django_db
def test_images_are_fetched_through_the_api(send, mattermost, match_page):
    files = [
        mattermost.upload(make_image(), "goal.jpg", "image/jpeg"),
        mattermost.upload(make_image(size=(40, 30)), "fans.jpg", "image/jpeg"),
    ]
    send(*mattermost.as_form(mattermost.message("Goal", *files)))
    ((text, gallery),) = shown(match_page)
    assert (text[0], gallery[0]) == ("text", "gallery")
    names = ReceivedImage.objects.values_list("name", flat=True)
    assert sorted(names) == ["fans.jpg", "goal.jpg"]
    paths = [call.path for call in mattermost.calls]
    assert paths[:2] == [f"/api/v4/files/{files[0]}{end}" for end in ("/info", "")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "mime_type", "reason"),
    [
        ("line-up.pdf", "application/pdf", "must be a JPEG"),
        ("goal.mp4", "video/mp4", "must be a JPEG"),
        (None, "", "Unable to find the file."),
    ],
)
def test_other_files_are_named_for_editors(
    send, mattermost, match_page, name, mime_type, reason
):
    file = mattermost.upload(b"%PDF", name, mime_type) if name else "gone"
    send(*mattermost.as_json(mattermost.message("Line-up", file)))
    assert shown(match_page) == [[("text", "<p>Line-up</p>")]]
    received = ReceivedImage.objects.get()
    assert reason in received.error
    assert received.name == (name or "")
    assert received.due_at is None
    assert not [call for call in mattermost.calls if call.path.endswith(file)]


@pytest.mark.django_db
def test_without_a_bot_files_are_named(send, mattermost, match_page, settings):
    del settings.WAGTAIL_LIVE_RECEIVERS["chat"]["OPTIONS"]["bot_token"]
    send(*mattermost.as_json(mattermost.message("Goal", "file1", "file2")))
    assert ReceivedMessage.objects.get().omitted == "Not shown: file, file"
    assert not mattermost.calls


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        ("!live Goal", "!live", "Goal"),
        ("goal by Ann", "goal", "goal by Ann"),
        ("Goal", "", "Goal"),
    ],
)
def test_a_sign_that_triggers_is_not_shown(text, word, shown):
    payload = {"channel_id": "c", "post_id": "1", "text": text, "trigger_word": word}
    body = json.dumps(payload).encode()
    (event,) = MattermostReceiver("chat", {}).parse(Inbound(body))
    assert isinstance(event, Upsert)
    assert to_html(event.body) == f"<p>{shown}</p>"


def test_a_webhook_of_slack_is_read():
    body = (
        b"token=a&team_id=T0001&channel_id=C2147483705&timestamp=1355517523.000005"
        b"&user_id=U2147483697&user_name=Steve&text=Goal&trigger_word="
    )
    receiver = MattermostReceiver("chat", {"token": "a"})
    receiver.authenticate(Inbound(body))
    (event,) = receiver.parse(Inbound(body))
    assert event.message_id == "1355517523.000005"
    assert event.sent_at.year == 2012
    with pytest.raises(Rejected):
        MattermostReceiver("chat", {"token": ""}).authenticate(Inbound(body))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** __b__ *c* _d_ ~~e~~ `f:x:`", None),
        ("#### Small\n# Big", "<p><b>Small</b></p><p><b>Big</b></p>"),
        ("@ann ~sport <b>", "<p>@ann ~sport &lt;b&gt;</p>"),
        ("12:30:45 a:b:c :no_such_one:", "<p>12:30:45 a:b:c :no_such_one:</p>"),
        ("**:tada: :wave_medium_skin_tone:**", "<p><b>🎉 👋🏽</b></p>"),
        ("- :+1: a\n  - b", "<ul><li>👍 a<ul><li>b</li></ul></li></ul>"),
        ("> :eyes:", "<blockquote><p>👀</p></blockquote>"),
        ("![alt](https://a.example/b.png)", None),
        (
            "```\n|a|b|\n|-|-|\n#### x :eyes:\n```",
            "<pre>|a|b|\n|-|-|\n#### x :eyes:</pre>",
        ),
    ],
)
def test_texts(text, html):
    found = to_html(from_mattermost(text))
    if html is not None:
        assert found == html
    elif text.startswith("!"):
        assert found.startswith('<p><a href="https://a.example/b.png"')
    else:
        assert found == (
            "<p><b>a</b> <b>b</b> <i>c</i> <i>d</i> <s>e</s> <code>f:x:</code></p>"
        )


def test_a_table_becomes_a_table():
    text = "Score\n| Team | Goals |\n|:-----|------:|\n| **A** | 2 :soccer: |\n| B\\|C | |\nEnd"
    before, table, after = to_part(from_mattermost(text))
    assert before["text"] == "<p>Score</p>"
    assert table["table"]["rows"] == [["Team", "Goals"], ["A", "2 ⚽"], ["B|C", ""]]
    assert after["text"] == "<p>End</p>"


def test_checks_name_missing_options():
    ids = [message.id for message in MattermostReceiver("chat", {}).check()]
    assert ids == ["wagtail_live.E031", "wagtail_live.W033"]
    options = {"token": "a", "url": "https://chat.example", "bot_token": "b"}
    assert not MattermostReceiver("chat", options).check()
