"""Sources of messages: their pages, their senders, and deliveries that reach no page."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import F
from django.utils import timezone

from ..models import (
    ID_LENGTH,
    Channel,
    FailedDelivery,
    ReceivedMessage,
    Source,
    SourceAuthor,
    ThreadReplies,
    UnconnectedSource,
)
from ..rich_text import INVISIBLE
from .base import Delete, Hide, Upsert

logger = logging.getLogger("wagtail_live.receivers")

KEPT = timedelta(days=14)
MOST_FAILED = 500  # of each receiver
MOST_UNCONNECTED = 100  # of each receiver


def find_source(receiver: str, external_id: str) -> Source | None:
    """Return the source that an editor has connected, or else one for the page whose
    ``channel_id`` this is."""
    sources = Source.objects.filter(receiver=receiver, external_id=external_id)
    if source := sources.select_related("channel").first():
        return source
    channel = Channel.objects.filter(channel_id=external_id).first()
    if channel is None:
        return None
    return Source(receiver=receiver, external_id=external_id, channel=channel)


def find_objection(source: Source, event: Upsert | Delete | Hide) -> str:
    """Return the reason to ignore the event, or an empty string."""
    author = event.author
    is_from_platform = isinstance(event, Delete) and not author.id
    if not source.allows(author.id) and not is_from_platform:
        return "The sender is not allowed."
    if not isinstance(event, Upsert):
        return ""
    if author.is_bot and not source.include_bots:
        return "A message from a bot."
    if event.reply_to and source.thread_replies == ThreadReplies.IGNORE:
        return "A reply in a thread."
    return ""


class Byline(NamedTuple):
    """The author of a message as readers see it, and their user account if known."""

    name: str
    user: Any = None


def find_byline(message: ReceivedMessage) -> Byline:
    """Return the byline of the sender. A new sender is stored for editors to name."""
    if not message.sender_id:
        return Byline(message.sender_name)
    author, _ = SourceAuthor.objects.select_related("user").get_or_create(
        receiver=message.receiver, sender_id=message.sender_id
    )
    return Byline(author.name or message.sender_name, author.user)


def note_unconnected(receiver: str, external_id: str) -> None:
    """Remember that messages come from this source, but not their content."""
    logger.info("%s: %r is not connected to a page.", receiver, external_id)
    now = timezone.now()
    row, is_new = UnconnectedSource.objects.get_or_create(
        receiver=receiver, external_id=external_id, defaults={"last_seen_at": now}
    )
    UnconnectedSource.objects.filter(pk=row.pk).update(
        count=F("count") + 1, last_seen_at=now
    )
    if is_new:
        rows = UnconnectedSource.objects.filter(receiver=receiver)
        _purge(rows, "last_seen_at", MOST_UNCONNECTED)


def keep_failed(receiver: str, body: bytes, error: Exception, external_id="") -> None:
    """Keep a delivery that could not be read or stored, for editors to replay."""
    logger.error("%s: a delivery failed.", receiver, exc_info=error)
    FailedDelivery.objects.create(
        receiver=receiver,
        external_id=INVISIBLE.sub("", external_id)[:ID_LENGTH],
        body=body,
        reason=describe(error),
        failed_at=timezone.now(),
    )
    rows = FailedDelivery.objects.filter(receiver=receiver)
    _purge(rows, "failed_at", MOST_FAILED)


def describe(error: Exception) -> str:
    """Return the reason for a failure in one line."""
    return INVISIBLE.sub("", f"{type(error).__name__}: {error}")[:255]


def _purge(rows, moment: str, most: int) -> None:
    rows.filter(**{f"{moment}__lt": timezone.now() - KEPT}).delete()
    beyond = rows.order_by(f"-{moment}").values_list("pk", flat=True)[most:]
    rows.filter(pk__in=list(beyond)).delete()
