"""Connections of readers that a push engine holds."""

from __future__ import annotations

from django.http import HttpRequest

from .. import conf
from ..delivery import access
from ..delivery.access import Access
from ..delivery.wire import WireFormat
from ..models import Channel
from .base import BaseEngine, Subscription, get_name
from .outbox import note_reader
from .updates import get_latest


def find_engine(request: HttpRequest) -> BaseEngine | None:
    """Return the push engine that a request came through, if it proves that."""
    engine = conf.get_engine()
    if engine and engine.serves(request.headers.get(engine.header, "")):
        return engine
    return None


def is_public(found: Access) -> bool:
    """Return whether a reader may share the engine's channel with everybody: not on pages
    below an alias, to the engine as to the hub."""
    channels = access.look([found.channel.channel_id]).values()
    return found.is_public and bool(access.public_channels(channels))


def subscribe(
    engine: BaseEngine,
    channel: Channel,
    wire_format: WireFormat,
    *,
    is_public: bool,
    news: bytes = b"",
) -> Subscription:
    """Record a reader who has all updates of the channel, after a check of their access;
    return what the engine needs to know. ``news`` is what they lacked."""
    is_full = not wire_format.is_lean
    rows = note_reader(engine, channel, is_public=is_public, needs_full=is_full)
    name = get_name(channel.channel_id, wire_format, is_public=is_public)
    return Subscription(
        name,
        wire_format,
        get_latest(channel),
        rows[0].get_position(name),
        rows[0].published_until == get_latest(channel),
        news,
    )
