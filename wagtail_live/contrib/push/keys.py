"""The key pair of the site: VAPID, RFC 8292."""

from __future__ import annotations

import base64
import time
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from . import conf

HOUR = 3600  # seconds
TOKEN_AGE = 12 * HOUR  # services refuse more than a day


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.b64decode(f"{text}{'=' * (-len(text) % 4)}", b"-_", validate=True)


def generate_private_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return encode(key.private_numbers().private_value.to_bytes(conf.KEY_SIZE, "big"))


def get_public_key(private_key: str) -> str:
    """Return the key that browsers need to subscribe."""
    public_key = Vapid02.from_raw(private_key.encode()).public_key
    point = serialization.PublicFormat.UncompressedPoint
    return encode(public_key.public_bytes(serialization.Encoding.X962, point))


def sign(endpoint: str) -> dict[str, str]:
    """Return the header by which a push service knows the site."""
    parts = urlsplit(endpoint)
    audience = f"{parts.scheme}://{parts.netloc}"
    hour = int(time.time()) // HOUR
    return make_header(conf.get_private_key() or "", audience, conf.get_contact(), hour)


@lru_cache(maxsize=64)
def make_header(
    private_key: str, audience: str, contact: str | None, hour: int
) -> dict[str, str]:
    """Return the header for all messages to a service within an hour."""
    claims = {"aud": audience, "exp": hour * HOUR + TOKEN_AGE}
    if contact:
        claims["sub"] = contact
    return Vapid02.from_raw(private_key.encode()).sign(claims)
