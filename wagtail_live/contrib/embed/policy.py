"""The Content-Security-Policy of the framed page."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from . import conf

SELF = "'self'"


def get_policy(*, is_public: bool) -> str:
    """Return the policy. Only the site itself may frame a page that not everybody sees:
    another one could not show it, but could make readers click in it."""
    static, media = get_origin(settings.STATIC_URL), get_origin(settings.MEDIA_URL)
    # Storages have URLs of their own, and embeds are frames and images of other sites.
    shown = [SELF, "data:", "https:", static, media]
    directives = {
        "default-src": ["'none'"],
        "script-src": [SELF, static],
        "style-src": [SELF, static],
        "connect-src": [SELF],
        "font-src": [SELF, static],
        "img-src": shown,
        "media-src": shown,
        "frame-src": ["https:"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": [*conf.get_ancestors()] if is_public else [SELF],
    }
    for name, sources in conf.get_sources().items():
        directives[name] = [*directives[name], *sources]
    return "; ".join(
        f"{name} {' '.join(dict.fromkeys(filter(None, sources)))}"
        for name, sources in directives.items()
    )


def get_origin(url: str | None) -> str:
    """Return the origin of an absolute URL, ``""`` for a path."""
    parts = urlsplit(url or "")
    return f"{parts.scheme or 'https'}://{parts.netloc}" if parts.netloc else ""
