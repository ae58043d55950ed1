"""Records key events, and sends a message to each browser that has asked for them."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from functools import partial
from queue import SimpleQueue
from uuid import UUID

from django.db.models import QuerySet
from django_tasks import task

from ... import cursors
from ...background import Threads, after_fork, as_in_requests, later
from ...delivery.access import public_channels
from ...models import Channel, LivePost
from . import conf
from .messages import Result, build_payload, send
from .models import PushAlert, PushDelivery, PushSubscription

logger = logging.getLogger("wagtail_live.push")

SEEN_ACTIONS = {"published", "edited", "shown"}
MAX_AGE = timedelta(hours=1)  # of a post, and of an alert: later it is no news
CLAIM_TIMEOUT = timedelta(seconds=90)  # longer than a batch takes
BATCH_SIZE = 500
MAX_SENT_TOGETHER = 64
BATCH_TIME = 40.0  # seconds after which the rest of a slow batch is left for the next
TURN = 5.0  # seconds after which other background jobs have their turn
MAX_THREADS = 8  # of this process, for all alerts
MAX_ATTEMPTS = 5
FIRST_PAUSE = 5.0  # seconds, four times as many after each failure
MAX_PAUSE = 600.0

senders = Threads(MAX_THREADS)
after_fork(senders.reset)


def record_key_event(
    sender, channel: Channel, post_id: UUID | None, action: str, **kwargs
) -> None:
    """Receive ``live_page_updating``: record a key event in the update's transaction."""
    if post_id is None or action not in SEEN_ACTIONS or not conf.get_private_key():
        return
    if find_key_event(channel, post_id) is None:
        return
    if not PushSubscription.objects.filter(channel=channel).exists():
        return
    alert = PushAlert(channel=channel, post_id=post_id, due_at=cursors.now())
    PushAlert.objects.bulk_create([alert], ignore_conflicts=True)
    later(send_alert, str(post_id))


def find_key_event(channel: Channel, post_id: UUID) -> LivePost | None:
    """Return the post if it is a key event of the last hour that everybody sees."""
    recent = cursors.now() - MAX_AGE
    posts = channel.posts.visible().key_events().filter(pk=post_id)
    post = posts.filter(first_published_at__gt=recent).first()
    return post if post and channel.channel_id in public_channels([channel]) else None


def due_times(now: datetime) -> QuerySet:
    return PushAlert.objects.filter(due_at__isnull=False).values_list(
        "due_at", flat=True
    )


def send_all_later(now: datetime) -> None:
    """Send due alerts in the background, such as those of a process that ended."""
    for post_id in find_due(now):
        later(send_alert, str(post_id))


def send_all_due(now: datetime) -> int:
    """Send all due alerts, and return their number."""
    due = list(find_due(now))
    for post_id in due:
        send_alert.call(str(post_id))
    return len(due)


def find_due(now: datetime) -> QuerySet:
    due = PushAlert.objects.filter(due_at__lte=now)
    return due.values_list("post_id", flat=True)


@task()
def send_alert(post_id: str) -> None:
    """Send due messages of an alert, unless another process does, and come back for the
    rest. After an error, or a kill, housekeeping goes on when the claim has ended."""
    alert = PushAlert.objects.filter(post_id=post_id).first()
    if alert is None or not claim(alert):
        return
    end = time.monotonic() + TURN
    add_deliveries(alert)
    while send_batch(alert) and time.monotonic() < end:
        pass
    alert.due_at = find_next(alert)
    alert.save(update_fields=["due_at"])
    if alert.due_at:
        wait = (alert.due_at - cursors.now()).total_seconds()
        later(send_alert, post_id, delay=max(0.0, wait))


def claim(alert: PushAlert) -> bool:
    now = cursors.now()
    free = PushAlert.objects.filter(pk=alert.pk, due_at__lte=now)
    return bool(free.update(due_at=now + CLAIM_TIMEOUT))


def renew_claim(alert: PushAlert) -> None:
    until = cursors.now() + CLAIM_TIMEOUT
    PushAlert.objects.filter(pk=alert.pk).update(due_at=until)


def find_next(alert: PushAlert) -> datetime | None:
    """Return when the next message can be tried again, ``None`` if none is left."""
    waiting = alert.deliveries.order_by("due_at")
    return waiting.values_list("due_at", flat=True).first()


def add_deliveries(alert: PushAlert) -> None:
    """Add a message for each subscription, in batches, each of them once."""
    while True:
        subscriptions = alert.channel.push_subscriptions.filter(
            pk__gt=alert.last_subscription, created_at__lte=alert.created_at
        )
        found = subscriptions.order_by("pk").values_list("pk", flat=True)
        if not (keys := list(found[:BATCH_SIZE])):
            return
        now = cursors.now()
        PushDelivery.objects.bulk_create(
            [
                PushDelivery(alert=alert, subscription_id=key, due_at=now)
                for key in keys
            ],
            ignore_conflicts=True,
        )
        alert.last_subscription = keys[-1]
        alert.save(update_fields=["last_subscription"])


def send_batch(alert: PushAlert) -> bool:
    """Send a few messages, not faster than the rate; return whether there may be more."""
    started = time.monotonic()
    renew_claim(alert)
    post = find_key_event(alert.channel, alert.post_id)
    if post is None:  # withdrawn, too late, or no longer for everybody
        alert.deliveries.all().delete()
        return False
    due = alert.deliveries.filter(due_at__lte=cursors.now()).order_by("pk")
    size = min(conf.get_rate(), MAX_SENT_TOGETHER)
    deliveries = list(due.select_related("subscription")[:size])
    if not deliveries:
        return False
    with as_in_requests():
        payload = build_payload(post)
    record(deliveries, send_together(deliveries, payload, post))
    time.sleep(max(0.0, started + len(deliveries) / conf.get_rate() - time.monotonic()))
    return True


def send_together(
    deliveries: list[PushDelivery], payload: bytes, post: LivePost
) -> dict[int, Result]:
    """Send the messages in a few threads, which need no database; return the results of
    those that were sent in time."""
    results: SimpleQueue[tuple[int, Result | None]] = SimpleQueue()
    end = time.monotonic() + BATCH_TIME

    def send_one(delivery: PushDelivery) -> None:
        is_late = time.monotonic() > end
        result = None if is_late else send(delivery.subscription, payload, post.pk)
        results.put((delivery.pk, result))

    for delivery in deliveries:
        senders.add(partial(send_one, delivery))
    timeout = CLAIM_TIMEOUT.total_seconds()
    found = dict(results.get(timeout=timeout) for _ in deliveries)
    return {key: result for key, result in found.items() if result}


def record(deliveries: list[PushDelivery], results: dict[int, Result]) -> None:
    """Delete what is done, and subscriptions that are gone; try others again later."""
    done, gone = [], []
    for delivery in deliveries:
        if (result := results.get(delivery.pk)) is None:
            continue
        delivery.attempts += 1
        if result.is_gone:
            gone.append(delivery.subscription.digest)
        pause = min(FIRST_PAUSE * 4 ** (delivery.attempts - 1), MAX_PAUSE)
        wait = max(pause, result.retry_after)
        is_last = delivery.attempts >= MAX_ATTEMPTS or wait > MAX_AGE.total_seconds()
        if result.is_final or is_last:
            done.append(delivery.pk)
            continue
        delivery.due_at = cursors.now() + timedelta(seconds=wait)
        PushDelivery.objects.filter(pk=delivery.pk).update(
            attempts=delivery.attempts, due_at=delivery.due_at
        )
    PushDelivery.objects.filter(pk__in=done).delete()
    PushSubscription.objects.filter(digest__in=gone).delete()
