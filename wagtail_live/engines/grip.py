"""GRIP, the protocol of Pushpin and Fastly Fanout: ``pip install "wagtail-live[grip]>=2"``.

Protocol: https://pushpin.org/docs/protocols/grip/
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from django.core.checks import CheckMessage, Warning
from django.http import HttpRequest, HttpResponse
from gripcontrol import (
    Channel,
    HttpResponseFormat,
    HttpStreamFormat,
    create_grip_channel_header,
)
from pubcontrol import Item as GripItem

from .. import cursors
from ..delivery.responses import NOT_FOUND
from ..delivery.streams import EVENT_HEARTBEAT, GONE, HEARTBEAT_INTERVAL
from .base import BaseEngine, Item, Kind, Subscription
from .control import send
from .grip_services import Service, read_services

RECHECK_INTERVAL = 600  # seconds without an event, after which a stream asks the site
TOKEN_LIFETIME = 60  # seconds
MAX_BODY = 900_000  # bytes: Pushpin takes 1,000,000, with the headers
Part: TypeAlias = HttpResponseFormat | HttpStreamFormat
LAST_ID = re.compile(r"([0-9a-f]+); *last-id=([^;,\s]+)")


class GripEngine(BaseEngine):
    """One or more GRIP services, such as Pushpin servers, which all get each update."""

    header = "Grip-Sig"

    def __init__(self, services: list[Service]):
        self.services = {service.name: service for service in services}
        self.servers = tuple(self.services)

    @classmethod
    def configure(cls, value: Any) -> GripEngine:
        """Return the engine of a setting; raise ``ImproperlyConfigured``."""
        return cls(read_services(value))

    def serves(self, value: str) -> bool:
        return any(service.has_signed(value) for service in self.services.values())

    def hold_stream(
        self, request: HttpRequest, response: HttpResponse, subscription: Subscription
    ) -> HttpResponse:
        heartbeat = EVENT_HEARTBEAT.decode().replace("\n", r"\n")
        overview = "&head=1" if subscription.wire_format.has_overview else ""
        # A relative URL, because the engine may serve the site below another path.
        cursor = to_id(subscription.cursor)
        link = f"<?last_update_ts={cursor}{overview}>; rel=next"
        response["Grip-Hold"] = "stream"
        response["Grip-Channel"] = to_header(subscription)
        response["Grip-Link"] = f"{link}; timeout={RECHECK_INTERVAL}"
        response["Grip-Keep-Alive"] = (
            f"{heartbeat}; format=cstring; timeout={HEARTBEAT_INTERVAL:.0f}"
        )
        return response

    def hold_poll(
        self,
        request: HttpRequest,
        response: HttpResponse,
        subscription: Subscription,
        timeout: float,
    ) -> HttpResponse | None:
        if timeout < 1:
            return None
        response["Grip-Hold"] = "response"
        response["Grip-Channel"] = to_header(subscription)
        response["Grip-Timeout"] = f"{timeout:.0f}"
        return response

    def get_resumed(self, request: HttpRequest, name: str) -> datetime | None:
        # A stream's own position, newer than that in its link.
        ids = dict(LAST_ID.findall(request.headers.get("Grip-Last", "")))
        try:
            return cursors.parse([ids[name]]) if name in ids else None
        except cursors.InvalidCursor:
            return None

    def publish(
        self,
        server: str,
        items: Iterable[Item],
        *,
        deadline: float,
        is_repeated: bool = False,
    ) -> dict[str, str]:
        service = self.services[server]
        for body in join(items):
            headers = service.get_headers(TOKEN_LIFETIME)
            send("POST", service.publish_url, body, deadline=deadline, headers=headers)
        return {}  # services know items by their cursors, and drop what they have

    def check(self) -> list[CheckMessage]:
        if not any(service.has_default_key for service in self.services.values()):
            return []
        return [
            Warning(
                "WAGTAIL_LIVE_GRIP has the key of Pushpin's example configuration.",
                hint="Set sig_key in pushpin.conf and the key here to a secret.",
                id="wagtail_live.W012",
            )
        ]


def join(items: Iterable[Item]) -> Iterator[bytes]:
    """Serialise items in order into as few requests as their size allows."""
    waiting: list[bytes] = []
    for item in items:
        for message in serialise(item):
            if waiting and sum(map(len, waiting)) + len(message) > MAX_BODY:
                yield wrap(waiting)
                waiting = []
            waiting.append(message)
    if waiting:
        yield wrap(waiting)


def wrap(messages: list[bytes]) -> bytes:
    return b'{"items":[%b]}' % b",".join(messages)


def serialise(item: Item) -> Iterator[bytes]:
    """Yield an item's messages: one, and for the end of a stream another to close it."""
    previous = to_id(item.previous) if item.previous else None
    if item.kind is Kind.GONE:
        for part in end(item):
            # Another one each time, because Pushpin drops what it has seen before.
            identifier = f"gone-{secrets.token_hex(8)}"
            yield export(item.name, part, identifier, previous)
            previous = identifier
        return
    message = export(item.name, translate(item), to_id(item.cursor), previous)
    if len(message) > MAX_BODY:
        ask = item._replace(kind=Kind.ASK, previous=None, body=b"")
        message = export(item.name, translate(ask), to_id(item.cursor), None)
    yield message


def export(name: str, part: Part, identifier: str, previous: str | None) -> bytes:
    exported = GripItem(part, identifier, previous).export()
    return json.dumps({**exported, "channel": name}, ensure_ascii=False).encode()


def translate(item: Item) -> Part:
    """Return an update as its readers get it, or the hint to ask the site."""
    is_ask = item.kind is Kind.ASK
    if item.wire_format.is_event:
        if is_ask:
            return HttpStreamFormat(action="hint")
        return HttpStreamFormat(item.body.decode())
    if is_ask:
        return HttpResponseFormat(action="hint")
    return HttpResponseFormat(body=item.body.decode())


def end(item: Item) -> list[Part]:
    if item.wire_format.is_event:
        return [HttpStreamFormat(GONE.decode()), HttpStreamFormat(close=True)]
    headers = dict(NOT_FOUND.headers)
    body = NOT_FOUND.body.decode()
    return [HttpResponseFormat(NOT_FOUND.status, headers=headers, body=body)]


def to_id(cursor: datetime) -> str:
    return repr(cursors.to_timestamp(cursor))


def to_header(subscription: Subscription) -> str:
    channel = Channel(subscription.name, to_id(subscription.cursor))
    return create_grip_channel_header(channel)
