"""The headers of readers' requests, and of the responses to them, as ASGI has them."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from .. import conf
from . import responses
from .responses import Headers


def read_headers(scope: dict) -> dict[bytes, bytes]:
    """Return the headers by name; lines of the same name are joined, as Django does."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b"," + value if name in headers else value
    return headers


@conf.read_once
def encode_headers(
    status: int, headers: Headers, origin: str | None
) -> list[tuple[bytes, bytes]]:
    """Return the headers, and those that the settings add, as ASGI needs them."""
    headers += responses.get_site_headers(status, origin)
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]


@conf.read_once
def get_host_header() -> bytes:
    return b"x-forwarded-host" if settings.USE_X_FORWARDED_HOST else b"host"


@conf.read_once
def is_allowed_host(host: bytes) -> bool:
    allowed = settings.ALLOWED_HOSTS
    if settings.DEBUG and not allowed:
        allowed = [".localhost", "127.0.0.1", "[::1]"]
    domain, _ = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, allowed)


def is_allowed_origin(origin: str) -> bool:
    """Return whether a page of this origin may open a socket; only browsers send one."""
    if not origin or origin in conf.get_allowed_origins():
        return True
    try:
        return is_allowed_host(urlsplit(origin).netloc.encode("latin-1"))
    except ValueError:  # no URL
        return False
