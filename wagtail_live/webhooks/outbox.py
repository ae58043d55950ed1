"""Records deliveries with the updates of a page, and sends them.

One process at a time sends to an endpoint, so that updates arrive in order unless a
delivery fails. A delivery that the endpoint refuses is retried on its own. If the endpoint
doesn't respond or reports a server error, it is paused, and all of its deliveries wait.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django_tasks import task

from .. import __version__, conf, cursors, outbound
from ..background import later
from ..models import Channel
from .models import WebhookDelivery, WebhookEndpoint
from .payloads import TEST, serialise, sign

logger = logging.getLogger("wagtail_live.webhooks")

MAX_ATTEMPTS = 10  # within about a day
FIRST_PAUSE = 5  # seconds, four times as many after each failure
MAX_PAUSE = 6 * 60 * 60
CLAIM_TIMEOUT = timedelta(seconds=60)  # longer than any request takes
TIMEOUT = 15.0  # seconds
BATCH_SIZE = 50
# Statuses that concern the endpoint, not the delivery, like all 3xx and 5xx.
PAUSING = {408, 425, 429}
WITHDRAWN = {"hidden", "scheduled"}  # also rescheduled: readers no longer see the post


def record_update(
    sender,
    channel: Channel,
    post_id: UUID | None,
    action: str,
    cursor: datetime,
    **kwargs,
) -> None:
    """Receive ``live_page_updating``: record the deliveries in the update's transaction.

    Sending starts after the commit, in the background.
    """
    active = channel.webhook_endpoints.filter(is_active=True)
    endpoints = list(active.values_list("pk", flat=True))
    if not endpoints or not channel.page.live:
        return
    action = _as_readers_see_it(channel, post_id, action)
    if action is None:
        return
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                endpoint_id=endpoint,
                action=action,
                post_id=post_id,
                cursor=cursor,
                due_at=cursors.now(),
            )
            for endpoint in endpoints
        ],
        ignore_conflicts=True,
    )
    for endpoint in endpoints:
        later(send_due, endpoint)


def _as_readers_see_it(
    channel: Channel, post_id: UUID | None, action: str
) -> str | None:
    """Return the action for readers; ``None`` if they don't see it, as for drafts."""
    if post_id is None:
        return None if action in ("ending", "not_ending") else action
    if action == "deleted":
        tombstones = channel.tombstones.filter(post_id=post_id, was_published=True)
        return action if tombstones.exists() else None
    post = channel.posts.seen().filter(pk=post_id).first()
    if post is None:
        return None
    if post.show:
        return action
    return "hidden" if action in WITHDRAWN else None


@task()
def send_due(endpoint_pk: int) -> None:
    """Send the due deliveries, unless another process does or the endpoint is paused."""
    while _claim(endpoint_pk):
        wait, is_paused = 0.0, False
        deliveries = WebhookDelivery.objects.filter(endpoint=endpoint_pk)
        try:
            due = deliveries.filter(due_at__lte=cursors.now())
            for delivery in due.order_by("cursor")[:BATCH_SIZE]:
                endpoint = _renew_claim(endpoint_pk)
                if endpoint is None:
                    break
                status, error = _send(endpoint, delivery)
                is_paused = _is_about_endpoint(status)
                wait = max(wait, _record_result(endpoint, delivery, status, error))
                if is_paused:
                    break
        finally:
            until = cursors.now() + timedelta(seconds=wait) if is_paused else None
            _update(endpoint_pk, blocked_until=until)
        before = cursors.now() - timedelta(days=conf.get_keep_tombstones())
        deliveries.filter(cursor__lt=before, due_at=None).delete()
        if wait:
            later(send_due, endpoint_pk, delay=wait)


def send_test(endpoint: WebhookEndpoint) -> None:
    """Send a delivery that is about no update, and that is not retried."""
    now = cursors.now()
    WebhookDelivery.objects.create(
        endpoint=endpoint, action=TEST, cursor=now, due_at=now
    )
    later(send_due, endpoint.pk)


def is_free(now: datetime, prefix: str = "") -> Q:
    """Return a filter for endpoints that are not paused, and to which no process sends."""
    until = f"{prefix}blocked_until"
    return Q(**{until: None}) | Q(**{f"{until}__lte": now})


def find_due(now: datetime) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints with deliveries that can be sent now."""
    free = WebhookEndpoint.objects.filter(is_free(now), is_active=True)
    return free.filter(deliveries__due_at__lte=now).distinct()


def due_times(now: datetime) -> QuerySet:
    """Return the times, past or future, when deliveries can be sent."""
    waiting = WebhookDelivery.objects.filter(
        is_free(now, "endpoint__"), endpoint__is_active=True, due_at__isnull=False
    )
    return waiting.values_list("due_at", flat=True)


def send_all_later(now: datetime) -> None:
    """Send due deliveries in the background, such as those of a process that ended."""
    for endpoint in find_due(now):
        later(send_due, endpoint.pk)


def send_all_due(now: datetime) -> int:
    """Send all due deliveries, and return the number of endpoints."""
    endpoints = list(find_due(now))
    for endpoint in endpoints:
        send_due.call(endpoint.pk)
    return len(endpoints)


def _claim(endpoint_pk: int) -> bool:
    now = cursors.now()
    if not find_due(now).filter(pk=endpoint_pk).exists():
        return False
    free = WebhookEndpoint.objects.filter(is_free(now), pk=endpoint_pk)
    return bool(free.update(blocked_until=now + CLAIM_TIMEOUT))


def _renew_claim(endpoint_pk: int) -> WebhookEndpoint | None:
    """Return the endpoint and its page as they are now, since updates go on while others
    are sent; ``None`` if the endpoint was deleted or is no longer active."""
    endpoints = WebhookEndpoint.objects.filter(pk=endpoint_pk, is_active=True)
    endpoints.update(blocked_until=cursors.now() + CLAIM_TIMEOUT)
    return endpoints.select_related("channel__page").first()


def _send(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> tuple[int, str]:
    """Return the status of the response, 0 for none, and the error if there is one."""
    delivery.endpoint = endpoint
    try:
        body = serialise(delivery)
    except Exception:
        logger.exception("Can't build the payload of webhook %s.", delivery.pk)
        return HTTPStatus.UNPROCESSABLE_ENTITY, "The payload could not be written."
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"wagtail-live/{__version__}",
        **sign(endpoint.signing_keys, str(delivery.pk), int(time.time()), body),
    }
    try:
        with outbound.send(
            endpoint.url, method="POST", body=body, headers=headers, timeout=TIMEOUT
        ) as response:
            status = response.status
    except outbound.RequestFailed as error:
        return 0, str(error)
    if 200 <= status < 300:
        return status, ""
    return status, _("The endpoint returned %(status)s.") % {"status": status}


def _record_result(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, status: int, error: str
) -> float:
    """Save the result; return the seconds to wait before a retry, 0 for none."""
    now = cursors.now()
    delivery.attempts += 1
    delivery.due_at, wait = None, 0.0
    if not error:
        delivery.delivered_at = now
        _update(endpoint.pk, last_success_at=now)
    else:
        logger.warning("Webhook %s of %s: %s", endpoint.pk, endpoint.channel_id, error)
        is_gone = status == HTTPStatus.GONE
        changes = {"is_active": False} if is_gone else {}
        _update(endpoint.pk, last_failure_at=now, last_error=error, **changes)
        is_retried = delivery.action != TEST and delivery.attempts < MAX_ATTEMPTS
        if is_retried and not is_gone:
            wait = min(FIRST_PAUSE * 4 ** (delivery.attempts - 1), MAX_PAUSE)
            delivery.due_at = now + timedelta(seconds=wait)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(  # none if deleted meanwhile
        attempts=delivery.attempts,
        error=error,
        due_at=delivery.due_at,
        delivered_at=delivery.delivered_at,
    )
    return wait


def _is_about_endpoint(status: int) -> bool:
    return not 200 <= status < 300 and (not 400 <= status < 500 or status in PAUSING)


def _update(endpoint_pk: int, **values) -> None:
    """Save these fields only: editors may have changed others meanwhile."""
    WebhookEndpoint.objects.filter(pk=endpoint_pk).update(**values)
