"""Sends the endpoints what has been noted for them, in order, again if it must be.

One process at a time sends to an endpoint, so that updates arrive in their order as long
as nothing fails. What an endpoint refuses is sent again by itself; if it is not there, or
in trouble, it rests, and everything waits.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db.models import Q, QuerySet
from django.utils import timezone

from .. import __version__, conf
from ..receivers.background import later
from . import connecting, tasks
from .models import WebhookDelivery, WebhookEndpoint
from .payloads import serialise
from .signing import get_headers

logger = logging.getLogger("wagtail_live.webhooks")

MOST_ATTEMPTS = 10  # within about a day
FIRST_REST = 5  # seconds, four times as many after each failure
LONGEST_REST = 6 * 60 * 60
LEASE = timedelta(seconds=60)  # longer than any request takes
AT_ONCE = 50
# Statuses that tell of the endpoint, not of what was sent; like all of 300 and 500.
TEMPORARY = {408, 425, 429}

post = connecting.post


def send_due(endpoint_pk: int) -> None:
    """Send what is due, unless somebody does or the endpoint rests; then come back."""
    while endpoint := _claim(endpoint_pk):
        wait, is_resting = 0.0, False
        try:
            for delivery in _due(endpoint)[:AT_ONCE]:
                _extend_lease(endpoint)
                status, error = _send(endpoint, delivery)
                is_resting = _is_about_endpoint(status)
                wait = max(wait, _note_result(endpoint, delivery, status, error))
                if is_resting or not endpoint.is_active:
                    break
        finally:
            rest = timezone.now() + timedelta(seconds=wait) if is_resting else None
            _update(endpoint, blocked_until=rest)
        _forget_old(endpoint)
        if wait:
            later(tasks.send_due, endpoint_pk, delay=wait)


def find_due(now: datetime) -> QuerySet[WebhookEndpoint]:
    """The endpoints that something can be sent to now."""
    is_free = Q(blocked_until=None) | Q(blocked_until__lte=now)
    due = WebhookEndpoint.objects.filter(is_free, is_active=True)
    return due.filter(deliveries__due_at__lte=now).distinct()


def due_times(now: datetime) -> QuerySet:
    """When something can be sent, past or future."""
    is_free = Q(endpoint__blocked_until=None) | Q(endpoint__blocked_until__lte=now)
    waiting = WebhookDelivery.objects.filter(
        is_free, endpoint__is_active=True, due_at__isnull=False
    )
    return waiting.values_list("due_at", flat=True)


def resume() -> None:
    """Let somebody send what waits, because a process has ended or does not know."""
    for endpoint in find_due(timezone.now()):
        later(tasks.send_due, endpoint.pk)


def send_all_due() -> None:
    """Send what waits, here and now."""
    for endpoint in find_due(timezone.now()):
        send_due(endpoint.pk)


def _claim(endpoint_pk: int) -> WebhookEndpoint | None:
    now = timezone.now()
    if not find_due(now).filter(pk=endpoint_pk).exists():
        return None
    is_free = Q(blocked_until=None) | Q(blocked_until__lte=now)
    free = WebhookEndpoint.objects.filter(is_free, pk=endpoint_pk)
    if not free.update(blocked_until=now + LEASE):
        return None
    endpoints = WebhookEndpoint.objects.select_related("channel__page")
    return endpoints.filter(pk=endpoint_pk).first()


def _extend_lease(endpoint: WebhookEndpoint) -> None:
    _update(endpoint, blocked_until=timezone.now() + LEASE)


def _due(endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    due = endpoint.deliveries.filter(due_at__lte=timezone.now())
    return due.order_by("cursor")


def _send(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> tuple[int, str]:
    """The status of the answer, 0 for none, and what went wrong."""
    delivery.endpoint = endpoint
    try:
        body = serialise(delivery)
    except Exception:
        logger.exception("Can't write the webhook %s.", delivery.pk)
        return HTTPStatus.UNPROCESSABLE_ENTITY, "The update could not be written."
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"wagtail-live/{__version__}",
        **get_headers(endpoint.signing_keys, str(delivery.pk), int(time.time()), body),
    }
    try:
        status = post(endpoint.url, body, headers)
    except connecting.Unreachable as error:
        return 0, str(error)
    return status, "" if 200 <= status < 300 else f"The endpoint answered {status}."


def _note_result(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, status: int, error: str
) -> float:
    """Remember how it went; the seconds to wait before the next attempt, if any."""
    now = timezone.now()
    delivery.attempts += 1
    delivery.due_at, wait = None, 0.0
    if not error:
        delivery.delivered_at = now
        _update(endpoint, last_success_at=now)
    else:
        logger.warning("Webhook %s of %s: %s", endpoint.pk, endpoint.channel_id, error)
        is_active = status != HTTPStatus.GONE
        _update(endpoint, last_failure_at=now, last_error=error, is_active=is_active)
        if delivery.attempts < MOST_ATTEMPTS and is_active:
            wait = min(FIRST_REST * 4 ** (delivery.attempts - 1), LONGEST_REST)
            delivery.due_at = now + timedelta(seconds=wait)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        attempts=delivery.attempts,
        error=error,
        due_at=delivery.due_at,
        delivered_at=delivery.delivered_at,
    )
    return wait


def _is_about_endpoint(status: int) -> bool:
    return not 200 <= status < 300 and (not 400 <= status < 500 or status in TEMPORARY)


def _update(endpoint: WebhookEndpoint, **values) -> None:
    """Write these fields and no others, which an editor may have changed meanwhile."""
    for name, value in values.items():
        setattr(endpoint, name, value)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**values)


def _forget_old(endpoint: WebhookEndpoint) -> None:
    before = timezone.now() - timedelta(days=conf.get_keep_tombstones())
    endpoint.deliveries.filter(cursor__lt=before, due_at=None).delete()
