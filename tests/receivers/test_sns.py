"""Messages of Amazon SNS: certificates, signatures and confirmations."""

import datetime as dt
import json

import pytest

from tests.receivers.fake_mail import ARN, PEM_PATH, Amazon, get_key, make_certificate
from wagtail_live.receivers.base import Inbound, Rejected
from wagtail_live.receivers.email import SESReceiver
from wagtail_live.receivers.email.sns import Topic, find_base_url


@pytest.fixture(params=["1", "2"])
def amazon(request):
    with Amazon(request.param) as server:
        yield server


def receiver(amazon, **options):
    return SESReceiver("mail", {**amazon.options, **options})


def refuse(found, body):
    with pytest.raises(Rejected) as rejected:
        found.authenticate(Inbound(body))
    return rejected.value.status, rejected.value.reason


def test_a_signed_message_is_accepted_with_one_request(amazon):
    found = receiver(amazon)
    for _ in range(2):
        found.authenticate(Inbound(amazon.envelope("{}")))
    assert [call.path for call in amazon.calls] == [PEM_PATH]


def test_other_messages_are_refused_with_the_reason(amazon):
    found = receiver(amazon)
    body = amazon.envelope("{}")
    assert refuse(found, amazon.envelope("{}", key=get_key("another")))[0] == 403
    for name, value, reason in (
        ("Message", "forged", "signature"),
        ("Subject", "forged", "signature"),
        ("TopicArn", ARN + "x", "not from the topic"),
        ("Type", "Other", "no known type"),
        ("SignatureVersion", "0", "not supported"),
        ("Signature", "!", "signature"),
        ("SigningCertURL", "https://evil.example/a.pem", "topic's region"),
        ("SigningCertURL", f"{amazon.url}.evil.example/a.pem", "topic's region"),
        ("SigningCertURL", f"{amazon.url}/a.txt", "topic's region"),
        ("SigningCertURL", "https://[", "topic's region"),
        ("SigningCertURL", None, "topic's region"),
    ):
        forged = json.dumps({**json.loads(body), name: value}).encode()
        assert reason in refuse(found, forged)[1], (name, value)
    assert refuse(found, b"{")[0] == 400
    assert refuse(receiver(amazon, topic_arn=""), body)[0] == 403


def test_a_certificate_must_be_valid_now(amazon):
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=9)
    amazon.certificate = make_certificate(get_key(), first=old)
    assert "certificate" in refuse(receiver(amazon), amazon.envelope("{}"))[1]
    amazon.certificate = b"not a certificate"
    assert refuse(receiver(amazon), amazon.envelope("{}"))[0] == 403


def test_sns_tries_again_while_its_certificate_is_not_to_be_fetched(amazon):
    amazon.status = 500
    found = receiver(amazon)
    assert refuse(found, amazon.envelope("{}"))[0] == 503
    amazon.status = 200
    found.authenticate(Inbound(amazon.envelope("{}")))


def test_a_subscription_is_confirmed_at_amazon_only(amazon):
    found = receiver(amazon)
    inbound = Inbound(amazon.confirmation())
    found.authenticate(inbound)
    assert found.handshake(inbound).status_code == 200
    assert "Action=ConfirmSubscription" in amazon.calls[-1].path
    calls = len(amazon.calls)
    odd = Inbound(amazon.confirmation(SubscribeURL="https://evil.example/"))
    found.authenticate(odd)
    with pytest.raises(Rejected, match="topic's region"):
        found.handshake(odd)
    amazon.status = 500
    with pytest.raises(Rejected) as rejected:
        found.handshake(inbound)
    assert rejected.value.status == 503
    end = Inbound(amazon.envelope("Bye", "UnsubscribeConfirmation", Token="1"))
    assert found.handshake(end).status_code == 200
    assert len(amazon.calls) == calls + 1


@pytest.mark.parametrize(
    ("arn", "url"),
    [
        (ARN, "https://sns.eu-west-1.amazonaws.com"),
        (
            "arn:aws-cn:sns:cn-north-1:123456789012:mail",
            "https://sns.cn-north-1.amazonaws.com.cn",
        ),
        ("arn:aws:sns:evil.example/:123456789012:mail", ""),
        ("", ""),
    ],
)
def test_certificates_are_amazons(arn, url):
    assert find_base_url(arn) == url
    topic = Topic(arn)
    for other in ("http://127.0.0.1/a.pem", "https://sns.evil.example/a.pem", ""):
        with pytest.raises(Rejected, match="topic's region"):
            topic._get_certificate(other)


def test_other_notifications_are_ignored():
    found = SESReceiver("mail", {"topic_arn": ARN})
    for message in ("text", "[1]", json.dumps({"notificationType": "Bounce"})):
        body = json.dumps({"Message": message}).encode()
        (event,) = found.parse(Inbound(body))
        assert event.reason == "The notification is not of an e-mail."
    body = json.dumps(
        {"Message": json.dumps({"notificationType": "Received"})}
    ).encode()
    with pytest.raises(ValueError, match="not to S3"):
        found.parse(Inbound(body))


def test_checks_name_a_missing_topic():
    assert not SESReceiver("mail", {"topic_arn": ARN}).check()
    ids = [message.id for message in SESReceiver("mail", {}).check()]
    assert ids == ["wagtail_live.E035"]
