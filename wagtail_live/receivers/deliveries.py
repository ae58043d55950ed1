"""What arrived and reached no page: where from, or what failed. Editors see it."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from ..models import ID_LENGTH, FailedDelivery, UnconnectedSource
from ..rich_text import INVISIBLE

logger = logging.getLogger("wagtail_live.receivers")

KEPT = timedelta(days=14)
MOST_FAILED = 500  # of each receiver
MOST_UNCONNECTED = 100  # of each receiver


def note_unconnected(receiver: str, external_id: str) -> None:
    """Remember that messages come from there, and not what they say."""
    logger.info("%s: %r is connected to no page.", receiver, external_id)
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
    """Keep a delivery that could not be read or stored."""
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
    """Why a delivery failed, in a line."""
    return INVISIBLE.sub("", f"{type(error).__name__}: {error}")[:255]


def _purge(rows, moment: str, most: int) -> None:
    rows.filter(**{f"{moment}__lt": timezone.now() - KEPT}).delete()
    beyond = rows.order_by(f"-{moment}").values_list("pk", flat=True)[most:]
    rows.filter(pk__in=list(beyond)).delete()
