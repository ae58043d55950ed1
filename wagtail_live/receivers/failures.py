"""Deliveries that could not be read or stored, and those of unconnected sources."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F

from .. import cursors
from ..models import ID_LENGTH, FailedDelivery, UnconnectedSource
from ..text import INVISIBLE

logger = logging.getLogger("wagtail_live.receivers")

MAX_AGE = timedelta(days=14)
MAX_FAILED = 500  # of each receiver
MAX_BODY = 5 * 2**20  # bytes; a larger delivery, such as an e-mail, is only named
MAX_UNCONNECTED = 100  # of each receiver


def note_unconnected(receiver: str, external_id: str) -> None:
    """Count a message of an unconnected source, without its content."""
    logger.info("%s: %r is not connected to a page.", receiver, external_id)
    now = cursors.now()
    row, is_new = UnconnectedSource.objects.get_or_create(
        receiver=receiver, external_id=external_id, defaults={"last_seen_at": now}
    )
    UnconnectedSource.objects.filter(pk=row.pk).update(
        count=F("count") + 1, last_seen_at=now
    )
    if is_new:
        rows = UnconnectedSource.objects.filter(receiver=receiver)
        _limit(rows, "last_seen_at", MAX_UNCONNECTED)


def keep_failed(receiver: str, body: bytes, error: Exception, external_id="") -> None:
    """Keep a delivery that could not be read or stored, for editors to replay."""
    logger.error("%s: a delivery failed.", receiver, exc_info=error)
    FailedDelivery.objects.create(
        receiver=receiver,
        external_id=INVISIBLE.sub("", external_id)[:ID_LENGTH],
        body=body if len(body) <= MAX_BODY else b"",
        reason=describe(error),
        failed_at=cursors.now(),
    )
    rows = FailedDelivery.objects.filter(receiver=receiver)
    _limit(rows, "failed_at", MAX_FAILED)


def describe(error: Exception) -> str:
    """Return the reason for a failure in one line."""
    return INVISIBLE.sub("", f"{type(error).__name__}: {error}")[:255]


def _limit(rows, moment: str, keep: int) -> None:
    rows.filter(**{f"{moment}__lt": cursors.now() - MAX_AGE}).delete()
    excess = rows.order_by(f"-{moment}").values_list("pk", flat=True)[keep:]
    rows.filter(pk__in=list(excess)).delete()
