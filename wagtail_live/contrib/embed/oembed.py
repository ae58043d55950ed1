"""oEmbed (https://oembed.com): other systems embed a live blog by the URL of its page."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils import translation
from wagtail.models import Page

from ...delivery.access import ChannelGone, find_access
from ...delivery.responses import (
    PRIVATE_HEADERS,
    PUBLIC_HEADERS,
    add_headers,
    json_response,
    refuse,
    to_django,
)
from ...models import LivePageMixin
from ...page import rendering, updates
from .snippets import get_source_url, make_snippet
from .views import AccessView

CACHE_AGE = 3600  # seconds
MAX_URL = 2000  # characters
PORTS = {"http": 80, "https": 443}


class InvalidRequest(Exception):
    """A parameter is missing or wrong; the message is for the developer."""


class OEmbedView(AccessView):
    """The endpoint: ``?url=…&maxwidth=…&maxheight=…&format=json``."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.GET.get("format", "json") != "json":
            return to_django(refuse(501, "Only the format json is available."))
        try:
            url = request.GET.get("url", "")
            if not url:
                raise InvalidRequest("The parameter url is missing.")
            max_width = parse_limit(request, "maxwidth")
            max_height = parse_limit(request, "maxheight")
        except InvalidRequest as error:
            return to_django(refuse(400, str(error)))
        page = find_page(url, request)
        channel = page.find_channel() if page else None
        if page is None or channel is None:
            raise ChannelGone(url)
        channel, is_public = find_access(request, channel.channel_id)
        snippet = make_snippet(
            channel, request, max_width=max_width, max_height=max_height
        )
        data = describe(page, request) | snippet._asdict()
        response = json_response(updates.serialise(data), is_public=is_public)
        return add_headers(response, PUBLIC_HEADERS if is_public else PRIVATE_HEADERS)


def describe(page: Any, request: HttpRequest) -> dict[str, Any]:
    site = rendering.find_site(page)
    description = page.search_description
    return {
        "version": "1.0",
        "type": "rich",
        "title": page.title,
        # Not in the specification, which allows more, but read by many consumers.
        **({"description": description} if description else {}),
        "provider_name": site and (site.site_name or site.hostname),
        "provider_url": rendering.get_base_url(page, request),
        "cache_age": CACHE_AGE,
    }


def parse_limit(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and int(value[:6]) > 0):
        raise InvalidRequest(f"The parameter {name} must be a number of pixels.")
    return int(value[:6])


def find_page(url: str, request: HttpRequest) -> LivePageMixin | None:
    """Return the live page at a URL of this site, ``None`` if there is none."""
    try:
        parts = urlsplit(url)
        page = route(parts) if len(url) <= MAX_URL else None
    except (ValueError, SuspiciousOperation, Http404):
        return None
    if not isinstance(page, LivePageMixin):
        return None
    # Wagtail takes the default site for a host that it doesn't know.
    urls = rendering.get_page_url(page, request), get_source_url(page, request)
    found = (url for url in urls if url and is_same(urlsplit(url), parts))
    return page if any(found) else None


def route(parts: SplitResult) -> Any:
    """Return the page that Wagtail shows at a URL, ``None`` without one."""
    prefix = get_script_prefix()
    if parts.scheme not in PORTS or not parts.path.startswith(prefix):
        return None
    path = f"/{parts.path.removeprefix(prefix)}"
    language = translation.get_language_from_path(path) or translation.get_language()
    with translation.override(language):
        try:
            match = resolve(path if path.endswith("/") else f"{path}/")
        except Resolver404:
            return None
        if match.url_name != "wagtail_serve":
            return None
        asked = HttpRequest()
        asked.method, asked.path = "GET", parts.path
        asked.META = {
            "SERVER_NAME": parts.hostname or "",
            "SERVER_PORT": str(parts.port or PORTS[parts.scheme]),
        }
        found = Page.route_for_request(asked, "".join(match.args) or path)
    return found and found[0].specific


def is_same(one: SplitResult, other: SplitResult) -> bool:
    """Return whether two URLs differ at most in their scheme, query and fragment."""
    return identify(one) == identify(other)


def identify(parts: SplitResult) -> tuple:
    default_port = PORTS.get(parts.scheme)
    port = None if parts.port == default_port else parts.port
    return parts.hostname, port, parts.path.rstrip("/")
