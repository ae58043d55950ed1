"""Signatures as in Standard Webhooks: https://www.standardwebhooks.com/"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def get_headers(
    keys: Iterable[bytes], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """What proves a message: one signature for each key, of which one is known to the
    receiver."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }
