"""Providers of e-mail, which send what they receive as their documentation says.

Mailgun: documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store,
Postmark: postmarkapp.com/developer/webhooks/inbound-webhook, Amazon SES and SNS:
docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html and
docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html.
"""

import datetime as dt
import hashlib
import hmac
import json
import secrets
import time
from base64 import b64encode
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cache
from urllib.parse import urlencode

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from .fake_server import Answer, FakeServer

ARN = "arn:aws:sns:eu-west-1:123456789012:live-mail"
PEM_PATH = "/SimpleNotificationService-0123456789abcdef.pem"


@dataclass
class Written:
    """An e-mail as a person has sent it. Files are name, type, content and Content-ID."""

    subject: str = "Goal"
    text: str = ""
    html: str = ""
    files: list[tuple[str, str, bytes, str]] = field(default_factory=list)
    address: str = "ann@paper.example"
    name: str = "Ann"
    to: str = "match@live.example"
    message_id: str = field(default_factory=lambda: f"{secrets.token_hex(8)}@paper")
    envelope: str = "ann@paper.example"
    spf: str = "pass"
    dkim: str = "pass"
    signed_by: str = "paper.example"
    more: dict[str, str] = field(default_factory=dict)

    @property
    def sender(self):
        return f"{self.name} <{self.address}>"

    @property
    def headers(self):
        signature = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.signed_by}; s=s1; b=x"
        )
        return {
            **({"DKIM-Signature": signature} if self.signed_by else {}),
            "Message-ID": f"<{self.message_id}>",
            **self.more,
        }

    def as_mime(self) -> bytes:
        message = EmailMessage()
        message["From"], message["To"] = self.sender, self.to
        message["Subject"] = self.subject
        headers = dict(self.headers)
        written = f"Message-ID: {headers.pop('Message-ID')}\n"  # also an odd one
        for name, value in headers.items():
            message[name] = value
        message.set_content(self.text)
        if self.html:
            message.add_alternative(self.html, subtype="html")
        for name, mime_type, content, cid in self.files:
            main, _, sub = mime_type.partition("/")
            more = {"cid": f"<{cid}>", "disposition": "inline"} if cid else {}
            message.add_attachment(
                content, maintype=main, subtype=sub, filename=name, **more
            )
        return written.encode() + message.as_bytes()


class Mailgun:
    name = "mailgun"
    options = {"signing_key": "canary-signing-key"}

    def fields(self, written: Written) -> dict:
        results = {
            "Mailgun-Spf": written.spf,
            "Mailgun-Dkim-Check-Result": written.dkim,
        }
        headers = {
            **{f"X-{name}": value.title() for name, value in results.items() if value},
            "From": written.sender,
            **written.headers,
        }
        numbers = {f"attachment-{n + 1}": one for n, one in enumerate(written.files)}
        return {
            "recipient": written.to,
            "sender": written.envelope,
            "from": written.sender,
            "subject": written.subject,
            "body-plain": written.text,
            "body-html": written.html,
            "message-headers": json.dumps([list(pair) for pair in headers.items()]),
            "content-id-map": json.dumps(
                {f"<{one[3]}>": name for name, one in numbers.items() if one[3]}
            ),
        }

    def encode(self, fields: dict, files=(), key=None) -> bytes:
        """Return a form, signed as Mailgun does: the time and a token of each delivery."""
        timestamp, token = str(int(time.time())), secrets.token_hex(25)
        key = key or self.options["signing_key"]
        signed = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256)
        signature = {"timestamp": timestamp, "token": token}
        fields = {**fields, **signature, "signature": signed.hexdigest()}
        if not files:
            return urlencode(fields, errors="replace").encode()
        return encode_multipart(fields, files)

    def deliver(self, written: Written) -> tuple[bytes, dict]:
        return self.encode(self.fields(written), written.files), {}


class Postmark:
    name = "postmark"
    options = {"password": "canary-password"}

    def sign(self, password=None) -> dict[str, str]:
        credentials = f"postmark:{password or self.options['password']}".encode()
        return {"Authorization": f"Basic {b64encode(credentials).decode()}"}

    def fields(self, written: Written) -> dict:
        tests = ["DKIM_SIGNED"] if written.signed_by else []
        if written.dkim == "pass" and written.signed_by:
            is_author = written.signed_by == written.address.partition("@")[2]
            tests += ["DKIM_VALID", *(["DKIM_VALID_AU"] if is_author else [])]
        spf = f"{written.spf.title()} (sender SPF) identity=mailfrom; client-ip=192.0.2.1; "
        spf += f"helo=mx.example; envelope-from={written.envelope}; receiver=x"
        headers = {
            "X-Spam-Status": "No",
            "X-Spam-Score": "-0.1",
            **({"X-Spam-Tests": ",".join(tests)} if written.dkim else {}),
            **({"Received-SPF": spf} if written.spf else {}),
            **written.headers,
        }
        return {
            "FromName": written.name,
            "From": written.address,
            "FromFull": {"Email": written.address, "Name": written.name},
            "To": written.to,
            "ToFull": [{"Email": written.to, "Name": "", "MailboxHash": ""}],
            "OriginalRecipient": written.to,
            "Subject": written.subject,
            "MessageID": "22c74902-a0c1-4511-804f-341342852c90",
            "Date": "Thu, 5 Apr 2012 16:59:01 +0200",
            "TextBody": written.text,
            "HtmlBody": written.html,
            "Headers": [
                {"Name": name, "Value": value} for name, value in headers.items()
            ],
            "Attachments": [
                {
                    "Name": name,
                    "Content": b64encode(content).decode(),
                    "ContentType": mime_type,
                    "ContentLength": len(content),
                    "ContentID": cid,
                }
                for name, mime_type, content, cid in written.files
            ],
        }

    def deliver(self, written: Written) -> tuple[bytes, dict]:
        return json.dumps(self.fields(written)).encode(), self.sign()


class Amazon(FakeServer):
    """SNS in one region: it serves its certificate, and records confirmations."""

    name = "ses"

    def __init__(self, version="2"):
        super().__init__()
        self.version = version
        self.certificate = make_certificate(get_key())
        self.status = 200

    @property
    def options(self):
        return {"topic_arn": ARN, "sns_url": self.url}

    def fields(self, written: Written) -> dict:
        verdicts = {"spfVerdict": written.spf, "dkimVerdict": written.dkim}
        return {
            "notificationType": "Received",
            "receipt": {
                "timestamp": "2026-06-01T15:00:00.000Z",
                "recipients": [written.to],
                "spamVerdict": {"status": "PASS"},
                "virusVerdict": {"status": "PASS"},
                **{
                    name: {"status": status.upper()}
                    for name, status in verdicts.items()
                    if status
                },
                "action": {"type": "SNS", "topicArn": ARN, "encoding": "BASE64"},
            },
            "mail": {
                "timestamp": "2026-06-01T15:00:00.000Z",
                "source": written.envelope,
                "messageId": "d6iitobk75ur44p8kdnnp7g2n800",
                "destination": [written.to],
            },
            "content": b64encode(written.as_mime()).decode(),
        }

    def envelope(self, message: str, kind="Notification", key=None, **more) -> bytes:
        """Return a message of the topic with its signature."""
        values = {
            "Type": kind,
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": ARN,
            "Message": message,
            "Timestamp": "2026-06-01T15:00:00.000Z",
            **(
                {"Subject": "Amazon SES Email Receipt"}
                if kind == "Notification"
                else {}
            ),
            **more,
        }
        unsigned = {"UnsubscribeURL"}
        names = [*sorted(values.keys() - unsigned - {"Type"}), "Type"]
        text = "".join(f"{name}\n{values[name]}\n" for name in names).encode()
        algorithm = hashes.SHA256() if self.version == "2" else hashes.SHA1()
        signature = (key or get_key()).sign(text, padding.PKCS1v15(), algorithm)
        signed = {
            "SignatureVersion": self.version,
            "Signature": b64encode(signature).decode(),
            "SigningCertURL": f"{self.url}{PEM_PATH}",
        }
        return json.dumps({**values, **signed}).encode()

    def confirmation(self, **more) -> bytes:
        url = f"{self.url}/?Action=ConfirmSubscription&TopicArn={ARN}&Token=2336412f"
        values = {"Token": "2336412f", "SubscribeURL": url, **more}
        return self.envelope("Confirm.", "SubscriptionConfirmation", **values)

    def deliver(self, written: Written) -> tuple[bytes, dict]:
        return self.envelope(json.dumps(self.fields(written))), {}

    def answer(self, call):
        if call.path == PEM_PATH:
            return Answer(self.status, self.certificate)
        return Answer(self.status, b"<ConfirmSubscriptionResponse/>")


def encode_multipart(fields: dict, files) -> bytes:
    """Return a form with files, as ``multipart/form-data``."""
    parts = [
        (f"attachment-{number}", (name, content, mime_type))
        for number, (name, mime_type, content, _cid) in enumerate(files, start=1)
    ]
    return httpx.Request("POST", "http://site", data=fields, files=parts).read()


@cache
def get_key(name="sns"):
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_certificate(key, first=None) -> bytes:
    """Return a certificate for two days, which begin a day ago by default."""
    first = first or dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder(subject, subject, key.public_key())
    builder = builder.serial_number(1).not_valid_before(first)
    builder = builder.not_valid_after(first + dt.timedelta(days=2))
    certificate = builder.sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM)
