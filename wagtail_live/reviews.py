"""The mails about submitted posts and editors' decisions, which wait in the database.

A mail is recorded in the transaction of its change. It is sent in the background, or by
housekeeping if the process has ended before. The first submission on a page is sent at
once, and those of the next minute are one mail.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import F, QuerySet
from django.dispatch import receiver

from . import cursors
from .background import later
from .models import LivePost, PostStatus, ReviewNotice, ReviewOutcome
from .notifications import NotSent, notify_publishers, notify_submitter
from .signals import live_post_reviewing

logger = logging.getLogger("wagtail_live.notifications")

INTERVAL = timedelta(seconds=60)  # between two mails about posts submitted on one page
CLAIM_TIME = timedelta(minutes=5)  # until another process sends what one has begun
FIRST_PAUSE = timedelta(minutes=1)  # after a failure, twice as long after each
MAX_ATTEMPTS = 10  # within about a day
OUTCOMES = {
    None: ReviewOutcome.DELETED,
    PostStatus.PUBLISHED: ReviewOutcome.PUBLISHED,
    PostStatus.SCHEDULED: ReviewOutcome.SCHEDULED,
}


@receiver(live_post_reviewing)
def record(
    post: LivePost,
    before: PostStatus | None,
    after: PostStatus | None,
    user: Any,
    **kwargs: Any,
) -> None:
    """Record a mail under the lock of the channel, and send it after the commit."""
    now = due_at = cursors.now()
    if after == PostStatus.SUBMITTED:
        outcome = ReviewOutcome.SUBMITTED
        due_at = find_due_time(post, now)
    else:
        outcome = OUTCOMES.get(after, ReviewOutcome.RETURNED)
    is_deleted = outcome == ReviewOutcome.DELETED
    ReviewNotice.objects.create(
        channel_id=post.channel_id,
        post_id=post.pk,
        outcome=outcome,
        user=user,
        headline=post.headline if is_deleted else "",
        due_at=due_at,
    )
    later(send_due, delay=(due_at - now).total_seconds())


def find_due_time(post: LivePost, now: datetime) -> datetime:
    """Return when a submitted post is mailed: with others that wait, or a minute after the
    last mail."""
    notices = ReviewNotice.objects.filter(
        channel=post.channel_id, outcome=ReviewOutcome.SUBMITTED
    )
    waiting = notices.filter(sent_at=None)
    if free := waiting.filter(claim=None).order_by("due_at").first():
        return min(free.due_at, now + INTERVAL)
    if waiting.exists():  # It is being sent.
        return now + INTERVAL
    sent = notices.filter(sent_at__gt=now - INTERVAL).values_list("sent_at", flat=True)
    last = sent.order_by("-sent_at").first()
    return last + INTERVAL if last else now


def due_times(now: datetime | None = None) -> QuerySet:
    """Return the times at which mails are due."""
    return ReviewNotice.objects.filter(sent_at=None).values_list("due_at", flat=True)


def send_due(now: datetime | None = None) -> int:
    """Send the mails that are due; return how many changes they were about. Several
    processes may call this at once."""
    now = now or cursors.now()
    ReviewNotice.objects.filter(sent_at__lte=now - INTERVAL).delete()
    due = ReviewNotice.objects.filter(sent_at=None, due_at__lte=now)
    channels = set(due.values_list("channel_id", flat=True))
    claimed = (claim(due.filter(channel_id=channel), now) for channel in channels)
    return sum(send(notices) for notices in claimed)


def claim(due: QuerySet, now: datetime) -> list[ReviewNotice]:
    """Keep other processes from sending these mails; return those that were free."""
    token = uuid4()
    due.update(claim=token, due_at=now + CLAIM_TIME, attempts=F("attempts") + 1)
    claimed = ReviewNotice.objects.filter(claim=token).order_by("pk")
    return list(claimed.select_related("channel__page", "user"))


def send(notices: list[ReviewNotice]) -> int:
    """Send the mails of one channel."""
    submitted = [each for each in notices if each.outcome == ReviewOutcome.SUBMITTED]
    decisions = [each for each in notices if each.outcome != ReviewOutcome.SUBMITTED]
    groups = [submitted] if submitted else []
    for group in [*groups, *([each] for each in decisions)]:
        try:
            if group is submitted:
                ids = [each.post_id for each in group]
                notify_publishers(group[0].channel, ids)
            else:
                notify_submitter(group[0])
        except NotSent:
            postpone(group)
        else:
            finish(group)
    return len(notices)


def finish(notices: Iterable[ReviewNotice]) -> None:
    """Forget what was sent, but the time of the last submissions."""
    sent = ReviewNotice.objects.filter(pk__in=[each.pk for each in notices])
    sent.exclude(outcome=ReviewOutcome.SUBMITTED).delete()
    sent.update(claim=None, sent_at=cursors.now())


def postpone(notices: Iterable[ReviewNotice]) -> None:
    """Send mails again later, unless they were tried too often."""
    for notice in notices:
        if notice.attempts >= MAX_ATTEMPTS:
            notice.delete()
            continue
        pause = FIRST_PAUSE * 2 ** (notice.attempts - 1)
        notice.claim, notice.due_at = None, cursors.now() + pause
        notice.save(update_fields=["claim", "due_at"])
