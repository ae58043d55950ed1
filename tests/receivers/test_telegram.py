"""Only Telegram's requests are accepted, and the token stays secret."""

import json
from urllib.parse import urlsplit

import httpx
import pytest

from tests.receivers.fake_telegram import FakeTelegram
from tests.receivers.payloads import TELEGRAM
from wagtail_live.receivers.base import Ignored, Inbound, Rejected, Upsert
from wagtail_live.receivers.fetch import ApiFailed
from wagtail_live.receivers.telegram.receiver import TelegramReceiver

SECRET = "canary_secret-token"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
BODY = json.dumps(TELEGRAM["channel_post_utf16"]).encode()


@pytest.fixture
def telegram():
    with FakeTelegram() as fake:
        yield fake


def receiver(telegram=None, **options):
    own = {"secret_token": SECRET}
    if telegram:
        own |= {"bot_token": telegram.token, "api_url": telegram.url}
    return TelegramReceiver("telegram", own | options)


def test_a_request_with_the_secret_is_accepted():
    receiver().authenticate(Inbound(BODY, {HEADER: SECRET}))


@pytest.mark.parametrize(
    "given", ["", "wrong", SECRET[:-1], SECRET + "x", "é", "\ud800"]
)
@pytest.mark.parametrize("body", [BODY, b"", b"\xff", b"[" * 100_000])
def test_anything_else_is_rejected(given, body):
    """S1, S2: with any body."""
    with pytest.raises(Rejected) as rejected:
        receiver().authenticate(Inbound(body, {HEADER: given}))
    assert rejected.value.status == 403


def test_a_request_without_headers_is_rejected():
    """S1."""
    with pytest.raises(Rejected):
        receiver().authenticate(Inbound(BODY))


def test_secrets_rotate():
    """S2, F-27."""
    receiver(secret_token=["new", SECRET]).authenticate(Inbound(BODY, {HEADER: SECRET}))


@pytest.mark.parametrize("secret", ["", [], None, "new"])
def test_a_removed_secret_is_rejected(secret):
    """S2, F-27."""
    for given in (SECRET, ""):
        with pytest.raises(Rejected):
            receiver(secret_token=secret).authenticate(Inbound(BODY, {HEADER: given}))


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({"bot_token": "1:x"}, []),
        ({"bot_token": "1:x", "secret_token": ""}, ["wagtail_live.E031"]),
        ({"bot_token": "1:x", "secret_token": "a b"}, ["wagtail_live.E033"]),
        ({"bot_token": "1:x", "secret_token": ["a", "x" * 257]}, ["wagtail_live.E033"]),
        ({}, ["wagtail_live.W033"]),
    ],
)
def test_wrong_settings_are_reported_by_checks(options, ids):
    assert [message.id for message in receiver(**options).check()] == ids


def test_a_message_is_parsed():
    (event,) = receiver().parse(Inbound(BODY))
    assert isinstance(event, Upsert)


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'"x"', b"1", b"{}", b'{"message": 1}']
)
def test_json_of_another_shape_is_ignored(body):
    """S9, S10."""
    (event,) = receiver().parse(Inbound(body))
    assert isinstance(event, Ignored)


def ask_for_id(sender, **options):
    update = {
        "update_id": 1,
        "message": {
            "message_id": 2,
            "date": 1700000000,
            "chat": {"id": -1001, "type": "group"},
            "from": {"id": sender, "is_bot": False, "first_name": "Ann"},
            "text": "/id@desk_bot",
            "entities": [{"type": "bot_command", "offset": 0, "length": 12}],
        },
    }
    return receiver(**options).handshake(Inbound(json.dumps(update).encode()))


@pytest.mark.parametrize("allowed", [[7], ["7"], [1, 7]])
def test_an_allowed_sender_gets_the_id_of_the_chat(allowed):
    answer = json.loads(ask_for_id(7, allowed_senders=allowed).content)
    assert answer == {"method": "sendMessage", "chat_id": "-1001", "text": "-1001"}


@pytest.mark.parametrize("allowed", [[], None, [8]])
def test_other_senders_get_no_reply(allowed):
    """S12."""
    assert ask_for_id(7, allowed_senders=allowed) is None


def test_a_message_gets_no_reply():
    assert receiver(allowed_senders=[-1001]).handshake(Inbound(BODY)) is None


def fetch(url, headers=None):
    return httpx.get(url, headers=headers).content


def attachment_of(photo):
    message = {**TELEGRAM["album_1"]["channel_post"], "photo": photo}
    body = json.dumps({"update_id": 1, "channel_post": message}).encode()
    (event,) = receiver().parse(Inbound(body))
    return event.attachments[0]


def test_an_image_is_downloaded_in_its_largest_size(telegram):
    attachment = attachment_of(telegram.photo(b"a large image"))
    assert receiver(telegram).download(attachment, fetch) == b"a large image"


def test_a_missing_image_has_a_reason(telegram):
    attachment = attachment_of(telegram.photo(b"a large image"))
    telegram.files.clear()
    with pytest.raises(ApiFailed, match=r"getFile: .*file is too big") as failed:
        receiver(telegram).download(attachment, fetch)
    assert telegram.token not in str(failed.value)


def test_images_are_downloaded_from_telegram_only():
    """I1."""
    assert receiver().allowed_hosts == ("api.telegram.org",)
    assert receiver(api_url="https://bots.example:8081/").allowed_hosts == (
        "bots.example",
    )


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "a?x=1", "a#b", "//evil.example/"]
)
def test_a_path_stays_a_path(telegram, path):
    """I1."""
    urls = []
    telegram.paths["gone"] = path
    attachment = attachment_of([{"file_id": "gone"}])
    receiver(telegram).download(attachment, lambda url, headers=None: urls.append(url))
    parts = urlsplit(urls[0])
    assert (f"http://{parts.netloc}", parts.query, parts.fragment) == (
        telegram.url,
        "",
        "",
    )


def test_repr_contains_no_secrets(telegram):
    """S6."""
    told = receiver(telegram)
    attachment = attachment_of(telegram.photo(b"a large image"))
    said = repr(told) + repr(told.api) + repr(attachment) + repr(told.check())
    assert telegram.token not in said
    assert SECRET not in said
