"""E-mail received by Amazon SES, whose receipt rule publishes it to a topic of SNS
(docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html)."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from importlib.util import find_spec

from django.core import checks
from django.http import HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.timezone import is_aware

from ..base import Event, Ignored, Inbound, Rejected, get_dict, get_str
from .mail import Mail
from .mime import get_header, read_mime
from .proof import Proof, find_signing_domains, get_all, is_automatic
from .receiver import EmailReceiver
from .sns import Topic, find_base_url


class SESReceiver(EmailReceiver):
    """E-mails that match a receipt rule of SES with the action “Publish to Amazon SNS
    topic”, up to 150 KB. Needs the extra ``ses``. ``OPTIONS``:

    - ``topic_arn``: of the topic, which sends to this site.
    - ``sns_url``: the URL of SNS, by default Amazon's in the region of the topic.
    """

    max_body = 2**20

    def authenticate(self, inbound: Inbound) -> None:
        message = inbound.read_dict()
        if not self.topic.arn or get_str(message, "TopicArn") != self.topic.arn:
            raise Rejected("The message is not from the topic in the settings.")
        self.topic.verify(message, inbound.received_at)

    def handshake(self, inbound: Inbound) -> HttpResponse | None:
        message = inbound.read_dict()
        kind = get_str(message, "Type")
        if kind == "Notification":
            return None
        if kind == "SubscriptionConfirmation":
            self.topic.confirm(message)
        return HttpResponse()

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        if _find_notification(inbound) is None:  # such as one of a bounce
            return iter([Ignored("", "The notification is not of an e-mail.")])
        return super().parse(inbound)

    def read(self, inbound: Inbound) -> Mail:
        notification = _find_notification(inbound) or {}
        if "content" not in notification:
            raise ValueError("Set the action of the receipt rule to SNS, not to S3.")
        return read_notification(notification)

    def check(self) -> list[checks.CheckMessage]:
        messages = super().check()
        if not find_base_url(self.options.get("topic_arn") or ""):
            messages.append(
                checks.Error(
                    f"The receiver {self.name!r} has no valid topic_arn.",
                    hint="Set it to the ARN of the SNS topic, "
                    "arn:aws:sns:<region>:<account>:<name>.",
                    id="wagtail_live.E035",
                )
            )
        if not find_spec("cryptography"):
            messages.append(
                checks.Error(
                    f"The receiver {self.name!r} needs the package cryptography.",
                    hint="Install wagtail-live[ses].",
                    id="wagtail_live.E034",
                )
            )
        return messages

    @cached_property
    def topic(self) -> Topic:
        arn = self.options.get("topic_arn") or ""
        return Topic(arn, self.options.get("sns_url", ""))


def _find_notification(inbound: Inbound) -> dict | None:
    """Return the notification of an e-mail in a message of SNS, if it is one."""
    try:
        found = json.loads(get_str(inbound.read_dict(), "Message"))
    except (ValueError, RecursionError):
        return None
    is_email = isinstance(found, dict) and found.get("notificationType") == "Received"
    return found if is_email else None


def read_notification(notification: dict) -> Mail:
    """Return the e-mail in a notification."""
    mail, receipt = get_dict(notification, "mail"), get_dict(notification, "receipt")
    content = get_str(notification, "content")
    if get_str(get_dict(receipt, "action"), "encoding").upper() == "BASE64":
        raw = b64decode(content)
    else:
        raw = content.encode("utf-8", "surrogatepass")
    parts = read_mime(raw)
    sent_at = parse_datetime(get_str(mail, "timestamp"))
    recipients = receipt.get("recipients")
    senders = get_all(parts.headers, "From")
    ids = [*get_all(parts.headers, "Message-ID"), ""]
    return Mail(
        delivery_id=get_str(mail, "messageId"),
        message_id=ids[0],
        # Of several From headers, each program may show another.
        sender=get_header(raw, "from") if len(senders) == 1 else "",
        recipients=tuple(
            one
            for one in (recipients if isinstance(recipients, list) else ())
            if isinstance(one, str)
        ),
        subject=get_header(raw, "subject"),
        text=parts.text,
        html=parts.html,
        files=parts.files,
        sent_at=sent_at if sent_at and is_aware(sent_at) else None,
        is_automatic=is_automatic(parts.headers),
        proof=read_proof(receipt, get_str(mail, "source"), parts.headers),
    )


def read_proof(receipt: dict, envelope_sender: str, headers) -> Proof:
    """Return the verdicts of SES. One of DMARC settles it, unless the sender's domain has
    no policy."""

    def passes(name: str) -> bool | None:
        status = get_str(get_dict(receipt, name), "status").upper()
        return None if status in ("", "DISABLED") else status == "PASS"

    dmarc = get_str(get_dict(receipt, "dmarcVerdict"), "status").upper()
    return Proof(
        spf=passes("spfVerdict"),
        envelope_sender=envelope_sender,
        dkim=passes("dkimVerdict"),
        signing_domains=find_signing_domains(headers),
        dmarc={"PASS": True, "FAIL": False}.get(dmarc),
        is_spam=passes("spamVerdict") is False or passes("virusVerdict") is False,
    )
