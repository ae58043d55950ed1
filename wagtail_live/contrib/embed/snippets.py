"""The HTML that another site pastes: a frame, and the script that sizes it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from ...models import Channel
from ...page.rendering import get_base_url, get_page_url, join
from . import conf

DEFAULT_WIDTH = 640  # pixels


class Snippet(NamedTuple):
    html: str
    width: int
    height: int


def get_source_url(page: Any, request: HttpRequest | None) -> str | None:
    """Return the absolute URL of a page that readers can open, ``None`` without one: while
    the site's host is still the one that Wagtail has given it, that of the request."""
    page = page.specific_deferred
    url = get_page_url(page, request)
    parts = page.get_url_parts(request)
    is_of_wagtail = parts and url == f"{parts[1]}{parts[2]}"
    return get_base_url(page, request) if is_of_wagtail else url


def make_url(page: Any, request: HttpRequest | None, name: str, *args: Any) -> str:
    """Return the absolute URL of a view, on the host of the page's site."""
    return join(get_base_url(page, request), reverse(name, args=args))


def make_snippet(
    channel: Channel,
    request: HttpRequest | None = None,
    *,
    max_width: int | None = None,
    max_height: int | None = None,
) -> Snippet:
    """Return the HTML of a frame in these limits, in one line."""
    page = channel.page
    width = min(DEFAULT_WIDTH, max_width or DEFAULT_WIDTH)
    height = min(conf.get_height(), max_height or conf.get_height())
    context = {
        "page": page,
        "url": make_url(page, request, "live-embed", channel.channel_id),
        "script_url": make_url(page, request, "live-embed-script"),
        "width": width,
        "height": height,
    }
    html = render_to_string("wagtail_live/embed/snippet.html", context)
    return Snippet(" ".join(html.split()), width, height)
