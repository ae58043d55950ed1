"""Constructors of receivers' events."""

from datetime import UTC, datetime, timedelta

from wagtail_live.receivers.base import Attachment, Author, Delete, Hide, Upsert
from wagtail_live.receivers.document import Paragraph, Text
from wagtail_live.receivers.webhook import WebhookReceiver

RECEIVER = WebhookReceiver("newsroom", {"secret": "canary"})
ANN = Author("ann", "Ann")
KICK_OFF = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)


def write(message_id, version, text, *, images=(), author=ANN, **where):
    return Upsert(
        delivery_id=f"{message_id}-{version}",
        external_id="stand",
        message_id=message_id,
        version=(version,),
        sent_at=KICK_OFF + timedelta(seconds=int(message_id)),
        body=(Paragraph((Text(text),)),) if text else (),
        attachments=tuple(
            Attachment(image, f"https://images.example/{image}") for image in images
        ),
        author=author,
        **where,
    )


def delete(message_id, *, whole_group=False):
    return Delete(
        f"{message_id}-delete",
        "stand",
        message_id,
        (99,),
        whole_group=whole_group,
    )


def hide(message_id):
    return Hide(f"{message_id}-hide", "stand", message_id, (50,))
