"""Only Slack's requests are accepted, and requests to Slack are few and safe."""

import json
import time
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from django.core.cache import cache
from freezegun import freeze_time
from slack_sdk.signature import SignatureVerifier

from tests.receivers.fake_slack import LOGIN_PAGE, FakeSlack
from tests.receivers.payloads import SLACK
from wagtail_live.receivers.base import (
    Attachment,
    Ignored,
    Inbound,
    Outcome,
    Rejected,
    Upsert,
)
from wagtail_live.receivers.fetch import ApiFailed
from wagtail_live.receivers.slack.receiver import SlackReceiver, sign

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BODY = json.dumps(SLACK["message"]).encode()


@pytest.fixture(autouse=True)
def forget_names():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def slack():
    with FakeSlack("", SECRET) as fake:
        yield fake


def receiver(**options):
    return SlackReceiver("slack", {"signing_secret": SECRET, **options})


def signed(slack, body=BODY, **headers):
    return Inbound(body, {**slack.sign(body), **headers})


def rejection(slack_receiver, inbound):
    with pytest.raises(Rejected) as rejected:
        slack_receiver.authenticate(inbound)
    return rejected.value


def test_a_signed_request_is_slacks(slack):
    """S2: slack_sdk, the oracle, agrees."""
    inbound = signed(slack)
    receiver().authenticate(inbound)
    assert SignatureVerifier(SECRET).is_valid_request(inbound.body, inbound.headers)


def test_the_signature_is_the_documented_one():
    """S2. From docs.slack.dev/authentication/verifying-requests-from-slack."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA"
        b"&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
        b".803a0bc887a14d10d2c447fce8b6703c"
    )
    assert sign(body, "1531420618", SECRET) == (
        b"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Signature": "v1=" + "0" * 64},
        *(
            {"X-Slack-Request-Timestamp": timestamp}
            for timestamp in ("", "abc", "nan", "inf", "1e400", "-1", "1.5", "٣" * 10)
        ),
    ],
)
@pytest.mark.parametrize("body", [BODY, b"", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_anything_else_is_rejected(slack, headers, body):
    """S1, S2, S3: with any body."""
    assert rejection(receiver(), signed(slack, body, **headers)).status == 403


def test_a_request_without_headers_is_rejected():
    """S1."""
    rejection(receiver(), Inbound(BODY))


def test_a_changed_body_is_rejected(slack):
    """S2: the signature covers each byte."""
    rejection(receiver(), replace(signed(slack), body=BODY + b" "))


@pytest.mark.parametrize("age", [301, -301, 10**6])
@freeze_time()
def test_an_old_request_is_rejected(slack, age):
    """S3."""
    headers = slack.sign(BODY, int(time.time()) - age)
    rejection(receiver(), Inbound(BODY, headers))


@pytest.mark.parametrize("age", [290, -290])
@freeze_time()
def test_a_clock_may_be_some_minutes_off(slack, age):
    """S3."""
    receiver().authenticate(Inbound(BODY, slack.sign(BODY, int(time.time()) - age)))


@pytest.mark.parametrize("secrets", [["new", SECRET], [SECRET, "new"], lambda: SECRET])
def test_secrets_rotate(slack, secrets):
    """S2, F-27."""
    receiver(signing_secret=secrets).authenticate(signed(slack))


@pytest.mark.parametrize("secret", ["", [], None, ["new"]])
def test_a_removed_secret_is_rejected(slack, secret):
    """S2, F-27: neither does the signature with an empty secret."""
    slack.secret = secret if isinstance(secret, str) else SECRET
    rejection(receiver(signing_secret=secret), signed(slack))


@pytest.mark.parametrize("secret", ["", [], None])
def test_a_missing_secret_is_reported_by_checks(secret):
    """S2."""
    messages = receiver(signing_secret=secret, bot_token="x").check()
    assert [message.id for message in messages] == ["wagtail_live.E031"]


def test_a_missing_token_is_a_warning():
    assert [message.id for message in receiver().check()] == ["wagtail_live.W033"]
    assert receiver(bot_token="x").check() == []


def test_a_challenge_is_answered(slack):
    body = json.dumps(SLACK["url_verification"]).encode()
    answer = receiver().handshake(signed(slack, body))
    assert answer.content.decode() == SLACK["url_verification"]["challenge"]
    assert answer["Content-Type"] == "text/plain"


def test_a_message_is_no_challenge(slack):
    assert receiver().handshake(signed(slack)) is None


def test_a_message_is_parsed():
    (event,) = receiver().parse(Inbound(BODY))
    assert isinstance(event, Upsert)


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'"x"', b"1", b"{}", b'{"event": []}']
)
def test_json_of_another_shape_is_ignored(body):
    """S9, S10."""
    (event,) = receiver().parse(Inbound(body))
    assert isinstance(event, Ignored)


@pytest.mark.parametrize("body", [b"", b"x", b"\xff", b"[" * 100_000, b"1" * 10**5])
def test_a_body_that_is_not_json_is_rejected(body):
    """S9."""
    with pytest.raises(Rejected) as rejected:
        list(receiver().parse(Inbound(body)))
    assert rejected.value.status == 400


@pytest.mark.parametrize("option", ["team_id", "api_app_id"])
def test_another_workspace_is_ignored(option):
    """S10."""
    (event,) = receiver(**{option: "other"}).parse(Inbound(BODY))
    assert isinstance(event, Ignored)
    (event,) = receiver(**{option: SLACK["message"][option]}).parse(Inbound(BODY))
    assert isinstance(event, Upsert)


def fetch_from(slack):
    """Return a ``fetch`` that requests Slack's host from the fake."""

    def fetch(url, headers=None):
        return httpx.get(slack.url + urlsplit(url).path, headers=headers).content

    return fetch


def make_image(slack, **changes):
    file = slack.file("a.png", b"an image", "image/png")
    return Attachment(**{"id": file["id"], "url": file["url_private"], **changes})


def test_an_image_is_downloaded_with_the_token(slack):
    """I1."""
    fetched = receiver(bot_token=slack.bot_token).download(
        make_image(slack), fetch_from(slack)
    )
    assert fetched == b"an image"


def test_without_the_scope_slack_answers_its_login_page(slack):
    """I1: 200, but not an image; the core's ``fetch`` refuses HTML."""
    fetched = receiver(bot_token="other").download(make_image(slack), fetch_from(slack))
    assert fetched == LOGIN_PAGE


@pytest.mark.parametrize(
    "url",
    [
        *("http://files.slack.com/a", "https://files.slack.com.evil.example/a"),
        *(
            "https://evil.example/files.slack.com",
            "https://files.slack.com@evil.example/",
        ),
    ],
)
def test_the_token_goes_to_no_other_host(slack, url):
    """S6, I1."""
    sent = []
    receiver(bot_token="canary").download(
        make_image(slack, url=url), lambda url, headers=None: sent.append(headers)
    )
    assert sent == [None]


def test_an_image_from_another_workspace_is_requested(slack):
    """Slack Connect sends only its id."""
    options = {"bot_token": slack.bot_token, "api_url": f"{slack.url}/api"}
    shared = make_image(slack, url="")
    assert receiver(**options).download(shared, fetch_from(slack)) == b"an image"


def test_other_files_from_another_workspace_are_refused(slack):
    options = {"bot_token": slack.bot_token, "api_url": f"{slack.url}/api"}
    file = slack.file("a.pdf", b"a paper", "application/pdf")
    with pytest.raises(ApiFailed, match="not an image") as failed:
        receiver(**options).download(Attachment(file["id"]), fetch_from(slack))
    assert failed.value.is_final


def feed_back(slack, outcome, reason="", **options):
    (event,) = receiver().parse(Inbound(BODY))
    api = {"api_url": f"{slack.url}/api", "bot_token": slack.bot_token}
    receiver(**api | options).feedback(
        event.external_id, event.message_id, outcome, reason
    )
    return [(call.path, call.arguments) for call in slack.calls]


REACTIONS = {"published": "white_check_mark", "failed": "warning"}


def test_a_published_message_gets_a_reaction(slack):
    path, arguments = feed_back(slack, Outcome.PUBLISHED, reactions=REACTIONS)[0]
    assert path == "/api/reactions.add"
    assert arguments == {
        "name": "white_check_mark",
        "channel": "C1",
        "timestamp": "1700000000.000100",
    }


def test_a_failed_message_gets_the_reason(slack):
    calls = dict(feed_back(slack, Outcome.FAILED, "Too big.", reactions=REACTIONS))
    assert calls["/api/reactions.add"]["name"] == "warning"
    assert calls["/api/chat.postMessage"]["text"] == "Too big."
    assert calls["/api/chat.postMessage"]["thread_ts"] == "1700000000.000100"


def test_a_reaction_that_is_there_is_enough(slack):
    slack.errors["reactions.add"] = "already_reacted"
    feed_back(slack, Outcome.PUBLISHED, reactions=REACTIONS)


def test_no_reaction_without_the_option(slack):
    paths = [path for path, _ in feed_back(slack, Outcome.FAILED, "Too big.")]
    assert set(paths) == {"/api/users.list"}


def test_no_requests_without_a_token(slack):
    assert feed_back(slack, Outcome.PUBLISHED, bot_token="") == []


def test_names_are_learned_once(slack):
    """S12: and never during parsing."""
    (first,) = receiver().parse(Inbound(BODY))
    assert (first.author.name, slack.calls) == ("", [])
    feed_back(slack, Outcome.PUBLISHED)
    asked = len(slack.calls)
    feed_back(slack, Outcome.PUBLISHED)
    (second,) = receiver().parse(Inbound(BODY))
    assert (second.author.name, len(slack.calls)) == ("Ann", asked)


def test_failed_requests_for_names_are_not_repeated(slack):
    slack.errors["users.list"] = "missing_scope"
    feed_back(slack, Outcome.PUBLISHED)
    assert len(feed_back(slack, Outcome.PUBLISHED)) == 1


def test_names_in_the_settings_take_precedence():
    (event,) = receiver(names={"U1": "Ann B."}).parse(Inbound(BODY))
    assert event.author.name == "Ann B."


def test_repr_contains_no_secrets():
    """S6."""
    told = receiver(bot_token="xoxb-canary")
    assert SECRET not in repr(told)
    assert "canary" not in repr(told) + repr(told.api) + repr(told.names)
