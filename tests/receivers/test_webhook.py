"""The generic webhook fulfils the contract and its own specification."""

import json
import time

import pytest
from django.test import TestCase
from freezegun import freeze_time

from wagtail_live.receivers.base import Inbound, Rejected
from wagtail_live.receivers.document import to_html
from wagtail_live.receivers.testing import ReceiverContract
from wagtail_live.receivers.webhook import WebhookReceiver, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def signed(body, *, secret=SECRET, timestamp=None, delivery_id="msg_1"):
    timestamp = str(int(time.time()) if timestamp is None else timestamp)
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(secret, delivery_id, timestamp, body),
    }


@pytest.mark.every_database
class WebhookContract(ReceiverContract, TestCase):
    """S1, S2, S7, S8, S9, R1, R2, F-06."""

    receiver_class = WebhookReceiver
    options = {"secret": SECRET}

    def sign(self, body):
        return signed(body)

    def create(self, message_id, text):
        return self.edit(message_id, text, 0)

    def edit(self, message_id, text, version):
        return {
            "type": "message",
            "channel": "stand",
            "id": message_id,
            "version": version,
            "sent_at": "2026-06-01T15:00:00Z",
            "author": {"id": "ann", "name": "Ann"},
            "text": text,
            "pictures": [],
        }

    def delete(self, message_id):
        where = {"channel": "stand", "id": message_id}
        return {"type": "delete", "version": 9, **where}


def authenticate(body=b"{}", headers=None, secret=SECRET):
    receiver = WebhookReceiver("newsroom", {"secret": secret})
    headers = signed(body) if headers is None else headers
    return receiver.authenticate(Inbound(body=body, headers=headers))


def test_the_signature_is_that_of_the_specification():
    """An example from the standardwebhooks libraries."""
    signature = sign(
        SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_any_of_several_signatures_and_secrets_will_do():
    """S2, F-27: the old and the new secret are valid during a replacement."""
    headers = signed(b"{}")
    headers["webhook-signature"] = f"v1,AAAA v2,xy {headers['webhook-signature']}"
    authenticate(headers=headers, secret=["new", SECRET])
    authenticate(headers=headers, secret=lambda: ["new", SECRET])
    with pytest.raises(Rejected):
        authenticate(headers=headers, secret=["new"])


@pytest.mark.parametrize(
    "timestamp", ["abc", "nan", "inf", "1e400", "-1", "", "1" * 13, "١٢٣", -301, 301]
)
@freeze_time()
def test_missing_or_old_timestamps_are_refused(timestamp):
    """S3."""
    if isinstance(timestamp, int):
        timestamp = int(time.time()) + timestamp
    with pytest.raises(Rejected):
        authenticate(headers=signed(b"{}", timestamp=timestamp))


def test_a_signature_holds_for_one_body_and_one_id():
    headers = signed(b"{}")
    for changed in ({"webhook-id": "msg_2"}, {"webhook-signature": "v1,é"}):
        with pytest.raises(Rejected):
            authenticate(headers={**headers, **changed})
    with pytest.raises(Rejected):
        authenticate(body=b"{} ", headers=headers)


def test_plain_text_gets_paragraphs_and_links():
    text = "Read https://a.example/x.\nNow & then\n\n<b>End</b>"
    receiver = WebhookReceiver("newsroom", {"secret": SECRET})
    payload = WebhookContract().create("1", text)
    body = json.dumps(payload).encode()
    (event,) = receiver.parse(Inbound(body=body))
    assert to_html(event.body) == (
        '<p>Read <a href="https://a.example/x" rel="noopener">https://a.example/x</a>.'
        "<br>Now &amp; then</p><p>&lt;b&gt;End&lt;/b&gt;</p>"
    )
