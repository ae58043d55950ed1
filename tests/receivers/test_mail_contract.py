"""The receivers of e-mail fulfil the contract of receivers."""

import json

from django.test import TestCase

from tests.receivers.fake_mail import ARN, Amazon, Mailgun, Postmark, Written, get_key
from wagtail_live.receivers.email import MailgunReceiver, PostmarkReceiver, SESReceiver
from wagtail_live.receivers.testing import MALFORMED, ReceiverContract


class MailContract(ReceiverContract):
    external_id = "match@live.example"
    allowed_senders = "ann@paper.example"
    fuzzed = 60

    def create(self, message_id, text):
        written = Written(subject="", text=text, message_id=message_id)
        return self.provider.fields(written)

    def edit(self, message_id, text, version):
        return None

    def delete(self, message_id):
        return None

    def omit(self, message_id):
        files = [("line-up.pdf", "application/pdf", b"%PDF", "")]
        written = Written(subject="", message_id=message_id, files=files)
        return self.provider.fields(written)


class PostmarkContractTests(MailContract, TestCase):
    receiver_class = PostmarkReceiver
    provider = Postmark()
    options = Postmark.options

    def sign(self, body):
        return self.provider.sign()


class MailgunContractTests(MailContract, TestCase):
    """Fields are text, and files are not among them: see ``omit``."""

    receiver_class = MailgunReceiver
    provider = Mailgun()
    options = Mailgun.options
    content_type = "application/x-www-form-urlencoded"

    def sign(self, body):
        return {}

    def omit(self, message_id):
        return None

    def encode(self, payload):
        fields = payload if isinstance(payload, dict) else {"body-plain": payload}
        return self.provider.encode(fields)

    def forge(self, body):
        wrong = self.provider.encode({"body-plain": "Goal"}, key="another")
        for other in (wrong, wrong.replace(b"token=", b"token=%00"), *MALFORMED):
            yield other, {}


class SESContractTests(MailContract, TestCase):
    receiver_class = SESReceiver

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.enterClassContext(Amazon())
        cls.options = cls.provider.options

    def sign(self, body):
        return {}

    def encode(self, payload):
        return self.provider.envelope(json.dumps(payload))

    def forge(self, body):
        yield self.provider.envelope("{}", key=get_key("another")), {}
        for name, value in (
            ("Message", "{}"),
            ("TopicArn", ARN.replace("live-mail", "other")),
            (
                "SigningCertURL",
                "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
            ),
            ("SignatureVersion", "3"),
            ("Signature", "ä\x00"),
            ("Type", None),
        ):
            yield json.dumps({**json.loads(body), name: value}).encode(), {}
        yield from ((other, {}) for other in MALFORMED)
