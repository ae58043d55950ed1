"""nchan, a module of nginx that holds event streams: see the page "nchan" of the docs.

nchan gives each message an id. The outbox keeps the id of the last one together with its
cursor, and a stream starts right after it, in nchan's memory. So nothing is lost and
nothing comes twice between the site's answer and the start of the stream.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from .. import conf
from ..delivery.streams import EVENT_HEARTBEAT, GONE
from ..models.channel import generate_epoch
from .base import BaseEngine, EngineFailed, Item, Kind, Subscription
from .control import Response, send

NAMES = {"publish_url", "key"}
KEY = re.compile(r"[!-~]{16,}")
LOCATION = "/wagtail-live-nchan"  # internal: nginx goes there when the site says so
MIN_RETRY, MAX_RETRY = 1000, 5000  # milliseconds
MAX_START = 60_000  # bytes: all headers have to be within nginx's proxy_buffer_size
DELETE = b"\x7f"  # the only byte in JSON that servers refuse in headers
NO_MESSAGE = "0:0"
NOT_FOUND, TOO_LARGE = 404, 413
# nchan would take these for the id of the message that the stream starts after.
POSITION_HEADERS = "If-None-Match", "If-Modified-Since"
Ask: TypeAlias = Callable[..., Response]  # ``send`` with the deadline of a publication


class Position(NamedTuple):
    """The last message of a channel. A channel of nchan belongs to an epoch, so that the
    messages of an earlier one are in none that is in use."""

    epoch: str
    message_id: str = ""

    @classmethod
    def parse(cls, text: str) -> Position:
        epoch, _, message_id = text.partition("@")
        return cls(epoch, message_id)

    def __str__(self) -> str:
        return f"{self.epoch}@{self.message_id}"


class NchanEngine(BaseEngine):
    """nginx with nchan in front of the site.

    It holds the streams of public pages. Others get from the site what they get without
    an engine.
    """

    header = "X-Wagtail-Live-Nchan"
    holds_polls = False

    def __init__(self, publish_url: str, key: str):
        self.publish_url = publish_url
        self.key = key

    @classmethod
    def configure(cls, value: Any) -> NchanEngine:
        """Return the engine of a setting; raise ``ImproperlyConfigured``."""
        if not isinstance(value, Mapping):
            raise ImproperlyConfigured(f"must be a dict, not a {type(value).__name__}.")
        if unknown := sorted(map(str, value.keys() - NAMES)):
            raise ImproperlyConfigured(
                f"has the unknown key {unknown[0]!r}. Known: {', '.join(sorted(NAMES))}."
            )
        publish_url, key = value.get("publish_url"), value.get("key")
        if not isinstance(publish_url, str) or not is_http(publish_url):
            raise ImproperlyConfigured(
                "needs a publish_url that starts with http:// or https://."
            )
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise ImproperlyConfigured(
                "needs a key of at least 16 letters, digits and signs, without spaces."
            )
        return cls(publish_url.rstrip("/"), key)

    def serves(self, value: str) -> bool:
        return constant_time_compare(value, self.key)

    def hold_stream(
        self, request: HttpRequest, response: HttpResponse, subscription: Subscription
    ) -> HttpResponse:
        """Return a redirect inside nginx, with what is new to the reader in headers. If
        that can't be, the response is all of the stream, and the reader comes back."""
        if not subscription.is_current or not is_simple(request):
            return response
        # nchan takes others for readers of another protocol, and refuses them.
        accepts_events = "text/event-stream" in request.headers.get("Accept", "")
        if subscription.news:
            is_long = len(subscription.news) > MAX_START
            if is_long or DELETE in subscription.news or not accepts_events:
                return response
            identifier, data = get_lines(subscription.news)
            response["X-Wagtail-Live-Id"] = identifier
            response["X-Wagtail-Live-Data"] = data
        # A random delay, because other streams end at the same time.
        retry = random.randint(MIN_RETRY, MAX_RETRY)  # noqa: S311
        response["X-Wagtail-Live-Retry"] = str(retry)
        kind = "events" if accepts_events else "raw"
        position = Position.parse(subscription.position)
        channel = get_channel(subscription.name, position)
        response["X-Accel-Redirect"] = (
            f"{LOCATION}/{kind}/{channel}?after={position.message_id}"
        )
        response.content = b""
        return response

    def publish(
        self,
        server: str,
        items: Iterable[Item],
        *,
        deadline: float,
        is_repeated: bool = False,
    ) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        ask = partial(send, headers=headers, deadline=deadline)
        return {
            item.name: str(self._publish(ask, item, is_repeated=is_repeated))
            for item in items
            if item.wire_format.is_event and item.body != EVENT_HEARTBEAT
        }

    def _publish(self, ask: Ask, item: Item, *, is_repeated: bool) -> Position:
        position = Position.parse(item.position)
        url = f"{self.publish_url}/{get_channel(item.name, position)}"
        if item.kind is not Kind.UPDATE:
            return close(ask, url, is_gone=item.kind is Kind.GONE)
        message_id: str | None = None
        if is_repeated:
            last = get_last_message_id(ask, url)
            message_id = last if last != position.message_id else ""
        message_id = message_id or post(ask, url, item.body)
        if message_id is None:
            return close(ask, url)
        return position._replace(message_id=message_id)


def is_http(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def is_simple(request: HttpRequest) -> bool:
    """Return whether nchan treats a request as the site does. It would let pages of all
    origins read the answer, or refuse them, where the site only leaves out a header."""
    origin = request.headers.get("Origin")
    is_known = origin is None or origin in conf.get_allowed_origins()
    return is_known and not any(name in request.headers for name in POSITION_HEADERS)


def get_lines(event: bytes) -> list[str]:
    """Return the two lines of an event, for headers: each character stands for a byte."""
    return event.decode("latin-1").strip().split("\n")


def get_channel(name: str, position: Position) -> str:
    return f"{name}.{position.epoch}"


def post(ask: Ask, url: str, event: bytes) -> str | None:
    """Publish an event; return the message's id, and ``None`` if it is too large.

    nchan would write "data: " before each line. nginx removes that where a tab follows,
    which no event contains.
    """
    body = b"\t" + event.removesuffix(b"\n\n").replace(b"\n", b"\n\t")
    response = ask("POST", url, body, accepted=[TOO_LARGE])
    if response.status == TOO_LARGE:
        return None
    return read_message_id(response)


def get_last_message_id(ask: Ask, url: str) -> str:
    """Return the id of a channel's last message, even if it has expired; "" for none."""
    response = ask("GET", url, accepted=[NOT_FOUND])
    if response.status == NOT_FOUND:
        return ""
    message_id = read_message_id(response)
    return "" if message_id == NO_MESSAGE else message_id


def read_message_id(response: Response) -> str:
    try:
        message_id = json.loads(response.body)["last_message_id"]
    except (ValueError, KeyError, TypeError):
        message_id = None
    if not isinstance(message_id, str):
        raise EngineFailed("publish_url is not the URL of a publisher of nchan")
    return message_id


def close(ask: Ask, url: str, *, is_gone: bool = False) -> Position:
    """Disconnect all readers of a channel, who then ask the site, and begin an epoch."""
    if is_gone:
        post(ask, url, GONE)
    ask("DELETE", url, accepted=[NOT_FOUND])
    if is_gone:
        post(ask, url, GONE)  # to those whom the site let in before
    return Position(generate_epoch())
