"""The ASGI middleware, which answers readers of public pages before Django.

Django's request stack would cost a thread for each reader and milliseconds for each
response. So these requests skip it, and Django's middleware with it, also if there is no
such channel. All others pass through: other URLs, pages that are not public, and unusual
requests, to which Django's views respond in the same way.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from django.conf import settings
from django.urls import NoReverseMatch, get_resolver

from .. import conf
from ..background import remember_script_name
from . import shutdown
from .access import ChannelGone, Unavailable, is_channel_id
from .headers import is_allowed_host
from .hub import get_hub
from .requests import EventStream, LongPoll, Request, Socket
from .responses import refuse_for

MAX_QUERY = 256  # bytes; our own queries have fewer than 60
GARBAGE_THRESHOLDS = (50_000, 50, 100)
SCOPE_KEY = "wagtail_live.middleware"  # makes the page prefer an event stream

REQUESTS: dict[str, dict[str, type[Request]]] = {
    "http": {"long-polling": LongPoll, "event-stream": EventStream},
    "websocket": {"websocket": Socket},
}


async def serve(app: Callable, scope: dict, receive: Callable, send: Callable) -> None:
    """Answer a request, or pass it on to the application."""
    shutdown.drain_on_sigterm()
    request_class, channel_id = match(scope)
    if request_class and not is_for_engine(scope, request_class):
        request = request_class(scope, receive, send, channel_id)
        if not conf.is_enabled():
            return await request.dismiss()
        is_usual = (
            channel_id
            and len(request.query) <= MAX_QUERY
            and is_allowed_host(request.host)
        )
        try:
            if is_usual and await get_hub().check_public(channel_id):
                if scope.get("method") == "HEAD":
                    return await request.respond(request.empty)
                return await request.serve()
        except (ChannelGone, Unavailable) as error:
            return await request.refuse(refuse_for(error))
        if scope["type"] == "websocket":
            return await request.refuse()  # Django has no WebSockets
    scope[SCOPE_KEY] = True
    return await app(scope, receive, send)


def is_for_engine(scope: dict, request_class: type[Request]) -> bool:
    """Return whether a push engine sent the request, and a view tells it to hold it."""
    engine = conf.get_engine()
    if engine is None or scope["type"] != "http":
        return False
    if request_class is LongPoll and not engine.holds_polls:
        return False
    name = engine.header.lower().encode()
    values = (value for header, value in scope["headers"] if header == name)
    return engine.serves(next(values, b"").decode("latin-1"))


def collect_garbage_less_often() -> None:
    """Raise the thresholds of the garbage collector, unless the site has raised them.

    Each waiting reader is some hundred long-lived objects. With Python's default
    thresholds, half of the processor time of a delivery is spent on garbage collection.
    """
    if gc.get_threshold()[0] < GARBAGE_THRESHOLDS[0]:
        gc.set_threshold(*GARBAGE_THRESHOLDS)


def match(scope: dict) -> tuple[type[Request] | None, str]:
    """Return the class that answers a request, and the channel that it asks for."""
    kind = scope["type"]
    if kind == "websocket" or (kind == "http" and scope["method"] in ("GET", "HEAD")):
        root_path = get_script_name() or scope.get("root_path", "")
        remember_script_name(root_path)
        return match_path(kind, scope["path"].removeprefix(root_path))
    return None, ""


@conf.read_once
def match_path(kind: str, path: str) -> tuple[type[Request] | None, str]:
    for prefix, request_class in get_prefixes(kind).items():
        if path.startswith(prefix):
            channel_id = path[len(prefix) :].removesuffix("/")
            if is_channel_id(channel_id) and path.endswith("/"):
                return request_class, channel_id
            if kind == "websocket":  # refused here: Django would raise an error
                return request_class, ""
    return None, ""


@conf.read_once
def get_prefixes(kind: str) -> dict[str, type[Request]]:
    """Return the prefixes of the readers' URLs in the site's URL configuration."""
    prefixes = {}
    for name, request_class in REQUESTS[kind].items():
        try:
            path = get_resolver().reverse(name, "0")
        except NoReverseMatch:
            continue
        prefixes[f"/{path.removesuffix('0/')}"] = request_class
    return prefixes


@conf.read_once
def get_script_name() -> str | None:
    return settings.FORCE_SCRIPT_NAME
