"""Responses to readers, shared by Django's views and the ASGI middleware."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from .. import conf
from ..cursors import InvalidCursor
from ..page import updates
from .access import ChannelGone
from .limits import NoSlot

Headers: TypeAlias = tuple[tuple[str, str], ...]

PUBLIC = "public, max-age=1"  # a CDN asks once for all readers at one cursor
PRIVATE = "private, no-store"
UNCACHED = "no-store"

JSON = ("Content-Type", "application/json")
PUBLIC_HEADERS = (("Cache-Control", PUBLIC),)
PRIVATE_HEADERS = (("Cache-Control", PRIVATE), ("Vary", "Cookie"))
UNCACHED_HEADERS = (("Cache-Control", UNCACHED),)
RETRY_LATER = ("Retry-After", "10")

REFUSALS = InvalidCursor, NoSlot, ChannelGone


class Response(NamedTuple):
    """A response that Django or the ASGI middleware sends."""

    body: bytes
    status: int = 200
    headers: Headers = (JSON, *PUBLIC_HEADERS)
    reason: str = ""  # of a refusal


def refuse(status: int, reason: str) -> Response:
    """Build an error response that is not cached, with the reason in JSON."""
    retry = [RETRY_LATER] if status == 503 else []
    headers = (JSON, *UNCACHED_HEADERS, *retry)
    return Response(updates.serialise({"error": reason}), status, headers, reason)


TIMEOUT = Response(updates.serialise({"timeOutReached": "Timeout duration reached."}))
# Unknown channels, unpublished pages and refused readers get the same response.
NOT_FOUND = refuse(404, "There is no live page here.")
NO_SLOT = refuse(503, "Too many readers are waiting; try again later.")
SWITCHED_OFF = Response(b"", 204, UNCACHED_HEADERS)  # also stops event streams


def refuse_for(error: Exception) -> Response:
    """Return the response to an error of ``REFUSALS``."""
    if isinstance(error, InvalidCursor):
        return refuse(400, str(error))
    return NO_SLOT if isinstance(error, NoSlot) else NOT_FOUND


def get_origin_headers(origin: str | None) -> Headers:
    """Return the CORS headers of a response to a page of this origin."""
    allowed = conf.get_allowed_origins()
    if not allowed:
        return ()
    vary = ("Vary", "Origin")
    if origin not in allowed:
        return (vary,)
    return vary, ("Access-Control-Allow-Origin", origin)


def get_site_headers(status: int, origin: str | None) -> Headers:
    """Return the headers that the site's settings add to every response."""
    headers = get_origin_headers(origin)
    if status == 200 and (seconds := conf.get_retry_after()):
        headers += (("Retry-After", f"{seconds:.0f}"),)
    return headers


def to_django(response: Response) -> HttpResponse:
    return HttpResponse(
        response.body, status=response.status, headers=dict(response.headers)
    )


def add_headers(response: HttpResponse, headers: Headers) -> HttpResponse:
    for name, value in headers:
        if name == "Vary":
            patch_vary_headers(response, [value])
        else:
            response[name] = value
    return response


def json_response(body: bytes, *, is_public: bool) -> HttpResponse:
    headers = PUBLIC_HEADERS if is_public else PRIVATE_HEADERS
    return to_django(Response(body, headers=(JSON, *headers)))
