"""The activity at a channel, for readers: that a reporter writes a new post, and how many
readers there are. Never who writes, or what.

Streams get it from the hub's thread, which loads it once for all of them. All others ask for
it, and share what this process has loaded in the last second. It is no update: it has no
cursor, and may get lost.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from .. import conf, cursors
from ..models import Channel, ChannelState, DeskPresence, ReaderCount
from ..page.updates import serialise
from ..signals import access_changed, readers_waiting
from . import access
from .hub import get_hub
from .readership import simplify
from .responses import (
    SWITCHED_OFF,
    add_headers,
    get_site_headers,
    is_refusal,
    json_response,
    refuse_for,
    to_django,
)
from .shared import Shared

WRITING_TIME = timedelta(seconds=15)  # after the desk last said so
RENEWAL_TIME = 10.0  # seconds after which streams are told again


def load(channel_ids: Iterable[str]) -> dict[str, bytes]:
    """Return the activity at channels, as JSON."""
    ids = list(channel_ids)
    writing, readers = find_writing(ids), {}
    minimum = conf.get_min_readers()
    if minimum and conf.has_reader_counts():
        readers = {
            key: simplify(number)
            for key, number in ReaderCount.objects.get_totals(ids).items()
            if number >= minimum
        }
    return {
        key: serialise({"writing": key in writing, "readers": readers.get(key)})
        for key in ids
    }


def find_writing(channel_ids: list[str]) -> set[str]:
    """Return the channels for which a new post is being typed."""
    if not conf.shows_writing():
        return set()
    present = DeskPresence.objects.filter(
        channel__channel_id__in=channel_ids,
        wrote_at__gt=cursors.now() - WRITING_TIME,
    ).exclude(channel__state=ChannelState.ENDED)
    return set(present.values_list("channel__channel_id", flat=True))


def find_public(channel_ids: Iterable[str]) -> dict[str, bool]:
    ids = list(channel_ids)
    channels = Channel.objects.filter(channel_id__in=ids).select_related("page")
    public = access.public_channels(channels)
    return {key: key in public for key in ids}


activities = Shared(load)
public = Shared(find_public)
access_changed.connect(public.forget)


@login_not_required  # the view checks access
def activity_view(request: HttpRequest, channel_id: str) -> HttpResponse:
    """Answer with the activity at a channel."""
    if not (conf.is_enabled() and conf.shows_activity()):
        return to_django(SWITCHED_OFF)
    try:
        if not access.is_channel_id(channel_id):
            raise access.ChannelGone(channel_id)
        is_public = public.get([channel_id])[channel_id]
        if not is_public:
            is_public = access.find_access(request, channel_id).is_public
        body = activities.get([channel_id])[channel_id]
    except Exception as error:
        if not is_refusal(error):
            raise
        return to_django(refuse_for(error))
    response = json_response(body, is_public=is_public)
    return add_headers(response, get_site_headers(200, request.headers.get("Origin")))


class Teller:
    """Tells the streams of this process of a change, and again at intervals."""

    def __init__(self) -> None:
        self._next_look = 0.0
        self._told: dict[str, tuple[bytes, float]] = {}

    def look(self, **kwargs: Any) -> None:
        """Look for changes once a second, in the thread of the hub."""
        now = time.monotonic()
        if not conf.shows_activity() or now < self._next_look:
            return
        self._next_look = now + 1
        hub = get_hub()
        ids = [key for key, number in hub.readers_by_channel().items() if number]
        found = activities.get(ids) if ids else {}
        events = {}
        for key, body in found.items():
            before, until = self._told.get(key, (b"", 0.0))
            if body != before or now >= until:
                events[key] = b'event: activity\ndata: {"activity":%b}\n\n' % body
                self._told[key] = body, now + RENEWAL_TIME
        self._told = {key: told for key, told in self._told.items() if key in found}
        hub.tell(events)


readers_waiting.connect(Teller().look, weak=False)
