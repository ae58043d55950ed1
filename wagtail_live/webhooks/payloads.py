"""What endpoints are told: never more than readers see when it is sent."""

from __future__ import annotations

from typing import Any

from .. import cursors
from ..api.serializers import describe_channel, describe_post
from ..page import updates
from .models import WebhookDelivery

PAGE_ACTIONS = {"live", "paused", "ended", "not_started", "summarised"}


def get_type(action: str) -> str:
    return f"page.{action}" if action in PAGE_ACTIONS else f"post.{action}"


def serialise(delivery: WebhookDelivery) -> bytes:
    return updates.serialise(describe(delivery))


def describe(delivery: WebhookDelivery) -> dict[str, Any]:
    """``post`` is as it is now, and ``None`` where readers see it no longer."""
    channel = delivery.endpoint.channel
    described = describe_channel(channel)
    post = channel.posts.visible().filter(pk=delivery.post_id).first()
    return {
        "type": get_type(delivery.action),
        "timestamp": cursors.to_aware(delivery.cursor).isoformat(),
        "data": {
            "channel": described,
            "cursor": cursors.to_timestamp(delivery.cursor),
            "post_id": str(delivery.post_id) if delivery.post_id else None,
            "post": describe_post(post, described["page"]["url"]) if post else None,
        },
    }
