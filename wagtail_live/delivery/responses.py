"""Responses to readers, shared by Django's views and the ASGI middleware."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Generator, Mapping
from http.cookies import SimpleCookie
from typing import Any, NamedTuple, TypeAlias

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpResponse
from django.http.response import HttpResponseBase, ResponseHeaders
from django.utils.cache import patch_vary_headers

from .. import conf
from ..background import is_unavailable
from ..cursors import InvalidCursor
from ..page import updates
from .access import ChannelGone, Unavailable
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
# Beside all that end with "cache-control".
RULES = {"expires", "pragma", "surrogate-control", "x-accel-expires"}

REFUSALS = InvalidCursor, NoSlot, Unavailable, ChannelGone


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
NEEDS_ASGI = refuse(501, "Event streams need an ASGI server; use polling instead.")
UNAVAILABLE = refuse(503, "Updates are not available now; try again later.")
SWITCHED_OFF = Response(b"", 204, UNCACHED_HEADERS)  # also stops event streams


def is_refusal(error: Exception) -> bool:
    """Return whether an error is answered, and not one of the site's code."""
    return isinstance(error, REFUSALS) or is_unavailable(error)


def refuse_for(error: Exception) -> Response:
    """Return the response to a refusal."""
    if isinstance(error, InvalidCursor):
        return refuse(400, str(error))
    if isinstance(error, ChannelGone):
        return NOT_FOUND
    return NO_SLOT if isinstance(error, NoSlot) else UNAVAILABLE


def get_origin_headers(origin: str | None) -> Headers:
    """Return the CORS headers of a response to a page of this origin."""
    allowed = conf.get_allowed_origins()
    if not allowed:
        return ()
    vary = ("Vary", "Origin")
    if origin not in allowed:
        return (vary,)
    return (
        vary,
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", "Retry-After"),
    )


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
            response.headers.setdefault(name, value)
    return response


def json_response(body: bytes, *, is_public: bool) -> HttpResponse:
    headers = PUBLIC_HEADERS if is_public else PRIVATE_HEADERS
    return to_django(Response(body, headers=(JSON, *headers)))


def ask_later(*, is_public: bool) -> HttpResponse:
    """Answer a long poll that has no thread to wait in, and slow the client down.

    Clients of 2.0 pause for ``Retry-After``. The script of wagtail-live 1.0 asks again at
    once, whatever the status, but for ``max-age`` its browser answers from its cache: all
    browsers do for 200, few for errors. Shared caches keep it as long as other answers.
    """
    interval = int(conf.get_polling_interval() / 1000)
    seconds = max(1, interval, math.ceil(conf.get_retry_after()))
    response = json_response(TIMEOUT.body, is_public=is_public)
    shared = "public, s-maxage=1" if is_public else "private"
    response["Cache-Control"] = f"{shared}, max-age={seconds}"
    response["Retry-After"] = str(seconds)
    return response


class OwnCacheRules(ResponseHeaders):
    """Headers in which the rules for caches can't be changed any more.

    ``cache_control(public=True, s_maxage=600)`` around the site's URLs, or a middleware,
    would replace ``private`` and keep the answer to a poll for ten minutes. An ``ETag``
    can't be added either: who adds it may answer 304 without these rules.
    """

    def __init__(self, headers: Mapping[str, str]):
        self._store = {}
        for name, value in headers.items():
            super().__setitem__(name, value)

    def __setitem__(self, name: str, value: Any) -> None:
        is_new_etag = name.lower() == "etag" and name not in self
        if not is_cache_rule(name) and not is_new_etag:
            super().__setitem__(name, value)

    def pop(self, name: str, default: Any = None) -> Any:
        return default if is_cache_rule(name) else super().pop(name, default)


class UnsentCookies(SimpleCookie):
    """The cookies of a response for everybody: none is sent. With
    ``SESSION_SAVE_EVERY_REQUEST``, caches would otherwise hand on a reader's session."""

    def __len__(self) -> int:
        return 0

    def values(self) -> Any:
        return ()


class PendingResponse(HttpResponse):
    """A response that Django still has to await.

    Decorators that are not made for async views take it for the response itself, and
    the headers that they set are set on the response.
    """

    def __init__(self, response: Coroutine[Any, Any, HttpResponseBase]):
        super().__init__()
        self.headers = OwnCacheRules({})
        self._response = response

    def __await__(self) -> Generator[Any, Any, HttpResponseBase]:
        response = yield from self._response.__await__()
        for name, value in self.headers.items():
            response[name] = value
        return response


def is_for_all(request: Any, response: HttpResponseBase) -> bool:
    """Return whether shared caches may keep a response, and nobody has read the session for
    it, as a decorator does that requires a login."""
    is_public = response.headers["Cache-Control"].startswith("public")
    session = getattr(request, "session", None)
    return is_public and not getattr(session, "accessed", False)


def is_cache_rule(name: str) -> bool:
    """Return whether a header tells caches how long they may keep a response."""
    name = name.lower()
    return name in RULES or name.endswith("cache-control")


def keep_cache_rules(view: Callable) -> Callable:
    """Decorate a view to keep its ``Cache-Control``, by default ``no-store``, whatever
    is around the view, to keep its responses out of the site's own cache, and those for
    everybody free of cookies."""

    def keep(request: Any, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", UNCACHED)
        response.headers = OwnCacheRules(response.headers)
        if is_for_all(request, response):
            response.cookies = UnsentCookies()
        # Read by Django's cache_page, which would keep public answers for its own time.
        request._cache_update_cache = False
        return response

    async def respond(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return keep(request, await view(request, *args, **kwargs))

    if iscoroutinefunction(view):

        def async_view(request: Any, *args: Any, **kwargs: Any) -> PendingResponse:
            return PendingResponse(respond(request, *args, **kwargs))

        return markcoroutinefunction(async_view)

    def sync_view(request: Any, *args: Any, **kwargs: Any) -> Any:
        return keep(request, view(request, *args, **kwargs))

    return sync_view
