"""A webhook for other services, signed as in Standard Webhooks
(github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext_lazy as _

from .base import (
    Attachment,
    Author,
    BaseReceiver,
    Delete,
    Event,
    Hide,
    Ignored,
    Inbound,
    Rejected,
    Upsert,
    check_time,
    get_dict,
    get_dicts,
    get_id,
    get_int,
    get_str,
    is_any,
)
from .guide import Guide
from .plain import from_plain_text

GUIDE = Guide(
    platform=_("Webhook"),
    steps=(
        _(
            "Set up the other system to send each message as JSON to the URL below, "
            "signed with the secret in the site's settings."
        ),
        _("Choose an ID for the channel, and include it in each message as “channel”."),
        _("Enter the same ID below and save. Then send a message."),
    ),
    id_label=_("Channel"),
    id_help=_("The value of “channel” in the messages, such as main-stand."),
    sender_help=_(
        "Values of “author.id” in the messages, one per line. Leave empty to allow "
        "everyone."
    ),
)


class WebhookReceiver(BaseReceiver):
    """JSON objects such as ``{"type": "message", "channel": "stand", "id": "17",
    "version": 1, "text": "Kick-off!"}``. ``OPTIONS``:

    - ``secret``: ``whsec_`` and base64, or any other text.
    - ``picture_hosts``: hosts from which images may be downloaded.
    """

    secret_options = ("secret",)
    guide = GUIDE

    @property
    def allowed_hosts(self):
        return tuple(self.options.get("picture_hosts", ()))

    def authenticate(self, inbound: Inbound) -> None:
        headers = inbound.headers
        timestamp = headers.get("webhook-timestamp", "")
        check_time(inbound, timestamp, 401)
        delivery_id = headers.get("webhook-id", "")
        expected = [
            sign(secret, delivery_id, timestamp, inbound.body)
            for secret in self.get_secrets("secret")
        ]
        if not is_any(headers.get("webhook-signature", "").split(), expected):
            raise Rejected("The signature is wrong.", 401)

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        message = inbound.read_json()
        if not isinstance(message, dict):
            raise ValueError("The body is not a JSON object.")
        yield read_message(message, inbound.headers.get("webhook-id", ""))


def sign(secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    """Return the value of ``webhook-signature`` for a secret."""
    signed = b"%s.%s.%s" % (delivery_id.encode(), timestamp.encode(), body)
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def read_message(message: dict, delivery_id: str) -> Event:
    """Return the event of a JSON object. Raise ``ValueError`` if a key is missing."""
    kind = get_str(message, "type")
    if kind not in ("message", "delete", "hide"):
        return Ignored(
            delivery_id, f"Events of the type {kind[:50]!r} are not supported."
        )
    version = message.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValueError("version must be an integer that grows with each change.")
    author = get_dict(message, "author")
    about = {
        "delivery_id": delivery_id,
        "external_id": get_id(message, "channel"),
        "message_id": get_id(message, "id"),
        "version": (get_int(message, "version"),),
        "author": Author(
            get_id(author, "id"), get_str(author, "name"), author.get("is_bot") is True
        ),
    }
    if kind != "message":
        return Delete(**about) if kind == "delete" else Hide(**about)
    sent_at = parse_datetime(get_str(message, "sent_at"))
    return Upsert(
        **about,
        sent_at=None if sent_at is None or is_naive(sent_at) else sent_at,
        body=from_plain_text(get_str(message, "text")),
        attachments=tuple(map(_attachment, get_dicts(message, "pictures"))),
        group_id=get_id(message, "group"),
        reply_to=get_id(message, "reply_to"),
    )


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def _attachment(image: dict) -> Attachment:
    url = get_str(image, "url")
    return Attachment(
        id=get_id(image, "id") or url,
        url=url,
        name=get_str(image, "name"),
        mime_type=get_str(image, "type"),
        alt=get_str(image, "alt"),
        size=max(0, get_int(image, "size")),
    )
