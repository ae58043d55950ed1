"""WhatsApp: verification, signatures, texts, files, edits and deletions."""

import json

import pytest
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests.receivers.fake_whatsapp import FakeWhatsApp
from tests.receivers.image_files import make_image
from wagtail_live.models import ReceivedImage, ReceivedMessage, Source
from wagtail_live.receivers import images
from wagtail_live.receivers.document import to_html
from wagtail_live.receivers.fetch import Fetcher
from wagtail_live.receivers.testing import ReceiverContract
from wagtail_live.receivers.whatsapp import WhatsAppReceiver
from wagtail_live.receivers.whatsapp.text import from_whatsapp

SECRET = "canary-app-secret"
OPTIONS = {"app_secret": SECRET, "verify_token": "canary-verify-token"}
ANN = "447700900123"
SENT = 1_700_000_000


class TrustingWhatsApp(WhatsAppReceiver):
    """A receiver that also downloads files from the fake."""

    def get_fetcher(self):
        return Fetcher(self.allowed_hosts, trust_loopback=True)


class WhatsAppContractTests(ReceiverContract, TestCase):
    receiver_class = WhatsAppReceiver
    options = OPTIONS
    external_id = FakeWhatsApp.number
    allowed_senders = ANN
    whatsapp = FakeWhatsApp(SECRET)

    def sign(self, body):
        return self.whatsapp.sign(body)

    def create(self, message_id, text):
        return self._delivery("text", {"body": text}, id=message_id)

    def edit(self, message_id, text, version):
        edited = {"type": "text", "text": {"body": text}}
        content = {"original_message_id": message_id, "message": edited}
        return self._delivery("edit", content, timestamp=str(SENT + version))

    def delete(self, message_id):
        content = {"original_message_id": message_id}
        return self._delivery("revoke", content, timestamp=str(SENT + 9))

    def omit(self, message_id):
        video = {"id": "1", "mime_type": "video/mp4"}
        return self._delivery("video", video, id=message_id)

    def _delivery(self, kind, content, **more):
        message = self.whatsapp.message(kind, content, timestamp=str(SENT))
        return self.whatsapp.delivery({**message, **more})


@pytest.fixture
def whatsapp():
    with FakeWhatsApp(SECRET) as fake:
        yield fake


@pytest.fixture
def send(client, settings, whatsapp, match_page):
    """Deliver messages to the webhook, and then download what is due."""
    files = {"access_token": whatsapp.token, "api_url": whatsapp.api_url}
    backend = f"{__name__}.TrustingWhatsApp"
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "mobile": {"BACKEND": backend, "OPTIONS": OPTIONS | files}
    }
    Source.objects.create(
        receiver="mobile",
        external_id=whatsapp.number,
        channel=match_page.live_channel,
        allowed_senders=ANN,
    )

    def send(*messages):
        body = whatsapp.encode(*messages)
        url = reverse("live-webhook", args=["mobile"])
        response = client.post(
            url, body, content_type="application/json", headers=whatsapp.sign(body)
        )
        assert response.status_code == 200
        for found in ReceivedImage.objects.filter(due_at__lte=timezone.now()):
            images.fetch(found)

    return send


def shown(page):
    return [
        [(block.block_type, block.value) for block in post.content]
        for post in page.live_channel.posts.oldest_first()
    ]


def texts(page):
    return [post.text for post in page.live_channel.posts.oldest_first()]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "status", "content"),
    [
        ({}, 200, b"1158201444"),
        ({"hub.verify_token": "wrong"}, 403, b"verify token"),
        ({"hub.verify_token": ""}, 403, b"verify token"),
        ({"hub.mode": "unsubscribe"}, 400, b"not a verification"),
        ({"hub.challenge": "<script>"}, 400, b"not a verification"),
        ({"hub.challenge": ""}, 400, b"not a verification"),
    ],
)
def test_the_url_is_verified(client, send, changes, status, content):
    query = {
        "hub.mode": "subscribe",
        "hub.verify_token": OPTIONS["verify_token"],
        "hub.challenge": "1158201444",
        **changes,
    }
    response = client.get(reverse("live-webhook", args=["mobile"]), query)
    assert response.status_code == status
    assert content in response.content
    assert response["Content-Type"].startswith("text/plain")


@pytest.mark.django_db
def test_a_wrong_signature_is_refused_with_the_reason(client, send, whatsapp):
    body = whatsapp.encode(whatsapp.text("Goal"))
    for headers in ({}, {"X-Hub-Signature-256": "sha256=" + "0" * 64}):
        response = client.post(
            reverse("live-webhook", args=["mobile"]),
            body,
            content_type="application/json",
            headers=headers,
        )
        assert (response.status_code, response.content) == (
            403,
            b"The signature is wrong.",
        )


@pytest.mark.django_db
def test_an_image_is_downloaded_with_the_token_in_two_steps(send, whatsapp, match_page):
    image = whatsapp.upload(make_image(), "image/jpeg", caption="*Late* winner 🎉")
    message = whatsapp.message("image", image)
    send(message)
    ((text, shown_image),) = shown(match_page)
    assert text[1].source == "<p><b>Late</b> winner 🎉</p>"
    assert shown_image[0] == "image"
    post = match_page.live_posts.get()
    assert post.author_name == "Ann"
    paths = [call.path for call in whatsapp.calls]
    assert paths == [
        f"/v24.0/{image['id']}",
        f"/whatsapp_business/attachments/?mid={image['id']}",
    ]
    # The edit of a caption names the same file by another id: no download.
    again = whatsapp.upload(make_image(), "image/jpeg", caption="Late, late winner")
    send(whatsapp.edited(message, image=again))
    assert len(whatsapp.calls) == 2
    ((text, shown_image),) = shown(match_page)
    assert (text[1].source, shown_image[0]) == ("<p>Late, late winner</p>", "image")
    send(whatsapp.revoked(message))
    assert shown(match_page) == []


@pytest.mark.django_db
def test_a_file_that_is_gone_has_a_reason_without_the_token(send, whatsapp, match_page):
    image = whatsapp.upload(make_image(), "image/jpeg", caption="Goal")
    whatsapp.files.clear()
    send(whatsapp.message("image", image))
    assert texts(match_page) == ["Goal"]
    error = ReceivedImage.objects.get().error
    assert "does not exist" in error
    assert whatsapp.token not in error


@pytest.mark.django_db
def test_other_kinds_are_named_for_editors(send, whatsapp, match_page):
    voice = whatsapp.upload(b"OggS", "audio/ogg; codecs=opus", voice=True)
    file = whatsapp.upload(b"%PDF", "application/pdf", filename="line-up.pdf")
    unsupported = {
        "errors": [{"code": 131051, "title": "Message type unknown"}],
        "type": "unsupported",
    }
    send(
        whatsapp.message("audio", voice),
        whatsapp.message("document", {**file, "caption": "Line-up"}),
        whatsapp.message("location", {"latitude": 1, "longitude": 2}),
        {**whatsapp.text(""), **unsupported},
        whatsapp.message("reaction", {"message_id": "x", "emoji": "👍"}),
    )
    assert texts(match_page) == ["Line-up"]
    omitted = ReceivedMessage.objects.order_by("pk").values_list("omitted", flat=True)
    assert list(omitted) == [
        "Not shown: voice message",
        "Not shown: file “line-up.pdf”",
        "Not shown: location",
        "Not shown: message of an unknown kind “Message type unknown”",
    ]


@pytest.mark.django_db
def test_a_reply_with_a_command_withdraws_the_post(send, whatsapp, match_page):
    first, second = whatsapp.text("Goal"), whatsapp.text("No goal")
    send(first, second)
    send(whatsapp.text("/delete", context={"from": "1555", "id": first["id"]}))
    send(whatsapp.text("/hide", context={"from": "1555", "id": second["id"]}))
    assert texts(match_page) == ["No goal"]
    assert not match_page.live_posts.exists()
    send(whatsapp.text("/delete"))  # not a reply
    assert texts(match_page) == ["No goal", "/delete"]


@pytest.mark.django_db
def test_only_listed_people_can_write(send, whatsapp, match_page):
    send(whatsapp.text("Spam", **{"from": "15550000000"}))
    Source.objects.update(allowed_senders="")
    send(whatsapp.text("Goal"))
    assert not ReceivedMessage.objects.exists()
    # One who hides the number, in a group.
    user = "GB.13491208655302741918"
    Source.objects.update(allowed_senders=user, external_id="Y2FwaV9ncm91cDox")
    message = whatsapp.text("Goal", group_id="Y2FwaV9ncm91cDox", from_user_id=user)
    del message["from"]
    body = whatsapp.delivery({**message, "from": ""})
    (contact,) = body["entry"][0]["changes"][0]["value"]["contacts"]
    contact["user_id"] = user
    whatsapp.encode = lambda _message: json.dumps(body).encode()
    send(message)
    assert match_page.live_posts.get().author_name == "Ann"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "*bold* _it_ ~no~ `x*y*`",
            "<p><b>bold</b> <i>it</i> <s>no</s> <code>x*y*</code></p>",
        ),
        ("2*3*4 snake_case_x", "<p>2*3*4 snake_case_x</p>"),
        ("*open\nend*", "<p>*open<br>end*</p>"),
        ("```a *b*\nc```", "<pre>a *b*\nc</pre>"),
        ("> quoted\nown", "<blockquote><p>quoted</p></blockquote><p>own</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        (
            "24. Goal\n31. Card",
            '<ol start="24"><li>Goal</li><li value="31">Card</li></ol>',
        ),
        (
            "see https://a.example/x_y_z.",
            '<p>see <a href="https://a.example/x_y_z" rel="noopener">'
            "https://a.example/x_y_z</a>.</p>",
        ),
        ("<b>&amp; 👩‍👩‍👧 \u202eodd\x00", "<p>&lt;b&gt;&amp;amp; 👩‍👩‍👧 odd</p>"),
        (
            "*@447700900123* and @447700900999, a@447700900123.example @123",
            "<p>@Ann and @someone, a@447700900123.example @123</p>",
        ),
        ("", ""),
    ],
)
def test_texts(text, html):
    assert to_html(from_whatsapp(text, {"447700900123": "Ann"})) == html


@pytest.mark.parametrize(
    ("entered", "found"),
    [
        ("+44 7700 900123\n\n(49) 170-1234567", "447700900123\n491701234567"),
        ("GB.13491208655302741918", "GB.13491208655302741918"),
        ("Ann", None),
    ],
)
def test_senders_are_entered_as_phone_numbers(entered, found):
    guide = WhatsAppReceiver.guide
    if found is None:
        with pytest.raises(ValueError, match=entered):
            guide.find_senders(entered)
    else:
        assert guide.find_senders(entered) == found


def test_checks_name_missing_options():
    ids = [message.id for message in WhatsAppReceiver("mobile", {}).check()]
    assert ids == ["wagtail_live.E031", "wagtail_live.E031", "wagtail_live.W033"]
    assert not WhatsAppReceiver("mobile", OPTIONS | {"access_token": "x"}).check()
