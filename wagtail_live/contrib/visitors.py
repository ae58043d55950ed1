"""Requests of readers who have no account: their origin, and how many there are.

Their pages are cached, so they have no CSRF token. Browsers say where a request comes from.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from ..delivery.limits import client_address, get_network

OWN_CACHES = {  # of each process; "dummy" keeps nothing
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.dummy.DummyCache",
}


def is_from_site(request: HttpRequest) -> bool:
    """Return whether a page of this site has sent the request, and not another site's."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:  # from a browser that vouches for it
        return fetch_site == "same-origin"
    origin = request.headers.get("Origin", "")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        return bool(origin) and urlsplit(origin).netloc == request.get_host()
    except ValueError:
        return False


def is_too_often(request: HttpRequest, action: str, limit: int, seconds: int) -> bool:
    """Count a request of its address in the cache, and return whether there have been more
    than ``limit`` in this time. The address is stored as a keyed hash that no one can
    reverse without the site's secret, and that differs every day."""
    forwarded_for = request.headers.get("X-Forwarded-For", "")
    peer = request.META.get("REMOTE_ADDR", "")
    network = get_network(client_address(peer, forwarded_for))
    value = f"{action} {date.today().isoformat()} {network}"
    digest = salted_hmac("wagtail_live.visitors", value, algorithm="sha256").hexdigest()
    key = f"wagtail_live.{action}.{digest}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > limit
    except ValueError:  # it has just expired, or the cache keeps nothing
        return False


def check_cache(limit: str, check_id: str) -> list[checks.CheckMessage]:
    """Return a warning if processes don't share the cache in which a limit is counted."""
    if settings.CACHES["default"]["BACKEND"] not in OWN_CACHES:
        return []
    return [
        checks.Warning(
            f"{limit} is counted in Django's default cache, which each process has for "
            "itself.",
            hint="Set CACHES to Redis, Memcached or the database, so that the limit holds "
            "for all processes together.",
            id=check_id,
        )
    ]
