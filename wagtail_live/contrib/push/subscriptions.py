"""Add, renew and delete subscriptions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from ... import cursors
from ...models import Channel, ChannelState
from . import conf
from .keys import decode
from .models import MAX_ENDPOINT, PushAlert, PushSubscription, get_digest

KEEP_ENDED = timedelta(days=7)
AUTH_SIZE = 16  # bytes


class InvalidSubscription(Exception):
    """A subscription that no push service has made."""


def clean_endpoint(data: Any) -> str:
    """Return the URL of a subscription. Its address is checked when it is requested."""
    endpoint = data.get("endpoint") if isinstance(data, dict) else None
    try:
        parts = urlsplit(endpoint)
        is_valid = (
            isinstance(endpoint, str)
            and len(endpoint) <= MAX_ENDPOINT
            and endpoint.isascii()
            and endpoint.isprintable()
            and " " not in endpoint
            and parts.scheme == "https"
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and parts.port != 0
        )
    except (ValueError, AttributeError, TypeError):
        is_valid = False
    if not is_valid:
        raise InvalidSubscription(
            "The endpoint must be a URL that begins with https://."
        )
    if not conf.is_service(parts.hostname):
        raise InvalidSubscription(
            "The endpoint is not at a push service that this site knows."
        )
    return str(endpoint)


def clean_keys(data: dict) -> dict[str, str]:
    """Return the keys of a subscription, which must be a point of the curve P-256 and 16
    bytes."""
    keys = data.get("keys")
    try:
        p256dh, auth = keys["p256dh"].rstrip("="), keys["auth"].rstrip("=")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(p256dh))
        is_valid = len(decode(p256dh)) == 65 and len(decode(auth)) == AUTH_SIZE
    except (KeyError, TypeError, ValueError, AttributeError):
        is_valid = False
    if not is_valid:
        raise InvalidSubscription("The keys of the subscription are not valid.")
    return {"p256dh": p256dh, "auth": auth}


def subscribe(channel: Channel, data: Any) -> None:
    """Add or renew a subscription."""
    endpoint = clean_endpoint(data)
    PushSubscription.objects.update_or_create(
        channel=channel,
        digest=get_digest(endpoint),
        defaults={
            "endpoint": endpoint,
            "renewed_at": cursors.now(),
            **clean_keys(data),
        },
    )


def unsubscribe(channel: Channel, data: Any) -> None:
    digest = get_digest(clean_endpoint(data))
    PushSubscription.objects.filter(channel=channel, digest=digest).delete()


def purge(now: datetime) -> int:
    """Delete what is old: subscriptions that were not renewed, those of blogs that have
    ended, and the alerts of posts that are too old for another one."""
    old = now - timedelta(days=conf.get_keep())
    subscriptions = PushSubscription.objects
    PushAlert.objects.filter(created_at__lt=old).delete()
    purged, _ = subscriptions.filter(renewed_at__lt=old).delete()
    ended, _ = subscriptions.filter(
        channel__state=ChannelState.ENDED, channel__ended_at__lt=now - KEEP_ENDED
    ).delete()
    return purged + ended
