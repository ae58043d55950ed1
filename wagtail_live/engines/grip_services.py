"""The setting ``WAGTAIL_LIVE_GRIP``: where GRIP services are, and their keys."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core.exceptions import ImproperlyConfigured
from gripcontrol import parse_grip_uri

NAMES = {"control_uri", "control_iss", "key", "verify_iss", "verify_key"}
DEFAULT_KEY = "changeme"  # in Pushpin's example configuration
PEM_START = "-----BEGIN"


class VerifyKey(NamedTuple):
    """A key, and the only algorithm that it is used with: a public key is no secret."""

    key: Any
    algorithm: str


class Service(NamedTuple):
    """A GRIP service: its control URL, and the keys to publish and to verify."""

    control_uri: str
    control_iss: str
    key: str | bytes
    verify_iss: str
    verify_key: VerifyKey

    @property
    def name(self) -> str:
        """The service's name in the database: the same after a change of its keys."""
        return sha256(self.control_uri.encode()).hexdigest()[:16]

    @property
    def publish_url(self) -> str:
        path, mark, query = self.control_uri.partition("?")
        return f"{path.rstrip('/')}/publish/{mark}{query}"

    @property
    def has_default_key(self) -> bool:
        return DEFAULT_KEY in (self.key, self.verify_key.key)

    def get_headers(self, lifetime: int) -> dict[str, str]:
        """Return the headers of a publication: a token that expires, or the key itself if
        the service has given one to the site."""
        headers = {"Content-Type": "application/json"}
        if self.control_iss:
            claims = {"iss": self.control_iss, "exp": int(time.time()) + lifetime}
            token = jwt.encode(claims, self.key, algorithm="HS256")
            headers["Authorization"] = f"Bearer {token}"
        elif self.key:
            token = self.key.decode() if isinstance(self.key, bytes) else self.key
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def has_signed(self, token: str) -> bool:
        """Return whether a token is signed by the service and has not expired."""
        if not token:
            return False
        try:
            jwt.decode(
                token,
                self.verify_key.key,
                algorithms=[self.verify_key.algorithm],
                issuer=self.verify_iss or None,
                options={"require": ["exp"], "verify_aud": False},
            )
        except jwt.PyJWTError:
            return False
        return True


def read_services(value: Any) -> list[Service]:
    """Return the services in the setting: a GRIP URI, a dict, or a list of them. Errors
    have neither keys nor URIs."""
    entries = value if isinstance(value, list | tuple) else [value]
    if not entries:
        raise ImproperlyConfigured("must not be empty.")
    return [read_service(entry) for entry in entries]


def read_service(entry: Any) -> Service:
    if isinstance(entry, str):
        try:
            entry = parse_grip_uri(entry)
        except ValueError:
            raise ImproperlyConfigured("has a URI that is not valid.") from None
    if not isinstance(entry, Mapping):
        kind = type(entry).__name__
        raise ImproperlyConfigured(f"must be a GRIP URI or a dict, not a {kind}.")
    if unknown := sorted(map(str, entry.keys() - NAMES)):
        raise ImproperlyConfigured(
            f"has the unknown key {unknown[0]!r}. Known: {', '.join(sorted(NAMES))}."
        )
    control_uri = read_text(entry, "control_uri")
    if urlsplit(control_uri).scheme not in ("http", "https"):
        raise ImproperlyConfigured("needs a control_uri that starts with http(s)://.")
    key = read_key(entry.get("key", ""), "key")
    verify_key = entry.get("verify_key") or key
    if not verify_key:
        raise ImproperlyConfigured(
            "needs a key or verify_key: without it anyone could claim to be the engine."
        )
    return Service(
        control_uri,
        read_text(entry, "control_iss"),
        key,
        read_text(entry, "verify_iss"),
        read_verify_key(verify_key),
    )


def read_text(entry: Mapping, name: str) -> str:
    value = entry.get(name) or ""
    if not isinstance(value, str):
        raise ImproperlyConfigured(f"needs text as {name}.")
    return value


def read_key(value: Any, name: str) -> str | bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise ImproperlyConfigured(f"needs text or bytes as {name}.")
    if not value.startswith("base64:"):
        return value
    try:
        return b64decode(value.removeprefix("base64:"), validate=True)
    except ValueError:
        raise ImproperlyConfigured(f"has a {name} that is not base64.") from None


def read_verify_key(value: Any) -> VerifyKey:
    """Return the key for ``Grip-Sig``: a secret, a public key in PEM, or a JWK."""
    if not isinstance(value, Mapping):
        value = read_key(value, "verify_key")
        text = value if isinstance(value, str) else value.decode("latin-1")
        if text.lstrip().startswith(PEM_START):
            return load_pem(text)
        if not text.lstrip().startswith("{"):
            return VerifyKey(value, "HS256")
        value = text
    try:
        load = jwt.PyJWK.from_json if isinstance(value, str) else jwt.PyJWK
        jwk = load(value)
    except (jwt.PyJWTError, ValueError):
        raise ImproperlyConfigured("has a verify_key that is not valid.") from None
    return VerifyKey(jwk.key, jwk.algorithm_name)


def load_pem(text: str) -> VerifyKey:
    try:
        key = load_pem_public_key(text.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ImproperlyConfigured("has a verify_key that is not valid.") from None
    return VerifyKey(key, "RS256" if isinstance(key, RSAPublicKey) else "ES256")
