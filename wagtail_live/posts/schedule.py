"""Publish the scheduled posts that are due."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db.models import QuerySet

from .. import cursors
from ..models import ChannelDeleted, LivePost
from ..permissions import SYSTEM
from .lock import lock_channel
from .writer import change, status_fields

logger = logging.getLogger("wagtail_live.posts")


def publish_due(now: datetime | None = None) -> list[LivePost]:
    """Publish the posts that are due, and return those that this call has published.

    Several processes may call this at once: each post is published by one of them. A post
    that cannot be published is logged and retried next time; the others are published.
    """
    now, published = cursors.to_aware(now) if now else cursors.now(), []
    due = LivePost.objects.due(now).select_related("channel").order_by("go_live_at")
    for post in due:
        try:
            if publish_if_due(post, now):
                published.append(post)
        except (LivePost.DoesNotExist, ChannelDeleted):
            continue
        except Exception:
            logger.exception("Could not publish the scheduled post %s.", post.pk)
    return published


def due_times(now: datetime) -> QuerySet:
    """Return the times, past or future, at which scheduled posts are due."""
    return LivePost.objects.scheduled().values_list("go_live_at", flat=True)


def publish_if_due(post: LivePost, now: datetime) -> bool:
    """Publish a scheduled post, if under the lock it still exists and is still due."""
    with lock_channel(post.channel) as lock:
        post = lock.find(post)
        if not post.go_live_at or post.go_live_at > cursors.to_aware(now):
            return False
        change(lock, post, status_fields(now, show=True), SYSTEM, log_as="due")
        return True
