"""The bodies of webhooks, with only what readers see now, and their signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

from .. import cursors
from ..api.serializers import describe_channel, describe_post
from ..background import as_in_requests
from ..origins import find_origins
from ..page import updates
from .models import WebhookDelivery

TEST = "test"
PAGE_ACTIONS = {
    *("live", "paused", "ended", "not_started", "summarised", "staged"),
    "imported",  # several posts at once
}


def get_type(action: str) -> str:
    if action == TEST:
        return "webhook.test"
    return f"page.{action}" if action in PAGE_ACTIONS else f"post.{action}"


@as_in_requests()
def serialise(delivery: WebhookDelivery) -> bytes:
    """Return the body; ``post`` is as it is now, ``None`` if readers don't see it."""
    channel = delivery.endpoint.channel
    post = channel.posts.visible().with_author().filter(pk=delivery.post_id).first()
    return updates.serialise(
        {
            "type": get_type(delivery.action),
            "timestamp": cursors.to_aware(delivery.cursor).isoformat(),
            "data": {
                "channel": describe_channel(channel),
                "cursor": cursors.to_timestamp(delivery.cursor),
                "post_id": str(delivery.post_id) if delivery.post_id else None,
                "post": describe_post(post) if post else None,
                "origins": find_origins(delivery.post_id) if delivery.post_id else [],
            },
        }
    )


def sign(
    keys: Iterable[bytes], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the headers of Standard Webhooks (https://www.standardwebhooks.com/).

    They have one signature for each key; the receiver knows one of the keys.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }
