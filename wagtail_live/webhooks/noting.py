"""Notes for the endpoints of a page what readers have seen happen there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from ..models import Channel
from ..receivers.background import later
from . import tasks
from .models import WebhookDelivery

WITHDRAWN = {"hidden", "scheduled"}  # a post can be taken back until a later time


def note_update(
    sender,
    channel: Channel,
    post_id: UUID | None,
    action: str,
    cursor: datetime,
    **kwargs,
) -> None:
    """Receives ``live_page_updating``: a note is kept if the update is."""
    active = channel.webhook_endpoints.filter(is_active=True)
    endpoints = list(active.values_list("pk", flat=True))
    if not endpoints or not channel.page.live:
        return
    told_as = _as_readers_see_it(channel, post_id, action)
    if told_as is None:
        return
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                endpoint_id=endpoint,
                action=told_as,
                post_id=post_id,
                cursor=cursor,
                due_at=timezone.now(),
            )
            for endpoint in endpoints
        ],
        ignore_conflicts=True,
    )
    for endpoint in endpoints:
        later(tasks.send_due, endpoint)


def _as_readers_see_it(
    channel: Channel, post_id: UUID | None, action: str
) -> str | None:
    """What has happened for them; ``None`` for what they don't see, such as drafts."""
    if post_id is None:
        return action
    if action == "deleted":
        tombstones = channel.tombstones.filter(post_id=post_id, was_published=True)
        return action if tombstones.exists() else None
    post = channel.posts.filter(pk=post_id, first_published_at__isnull=False).first()
    if post is None:
        return None
    if post.show:
        return action
    return "hidden" if action in WITHDRAWN else None
