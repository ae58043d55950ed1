"""Badges and teasers of live pages, for all of those on a page in one small response.

Readers of home pages poll for them. So a process renders each at most once a second,
however many ask, and every answer is the same for all, and may be cached.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import router, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from .. import conf
from ..background import after_fork
from ..models import Channel
from ..page.summaries import render_badge, render_teaser
from ..page.updates import serialise
from ..signals import access_changed
from . import access
from .responses import (
    SWITCHED_OFF,
    add_headers,
    get_site_headers,
    is_refusal,
    json_response,
    refuse,
    refuse_for,
    to_django,
)

MAX_CHANNELS = 30  # in one request
MAX_KNOWN = 500
LIFETIME = 1.0  # seconds

Summary = dict[str, str]


class Summaries:
    """The summaries that were rendered in the last second. Thread-safe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Summary | None]] = {}

    def get(self, channel_ids: Iterable[str]) -> dict[str, Summary | None]:
        """Return the summaries, ``None`` for a page that is not open to everybody."""
        if transaction.get_connection(router.db_for_read(Channel)).in_atomic_block:
            return load(channel_ids)
        with self._lock:  # readers who come meanwhile wait for the same load
            now = time.monotonic()
            known = {key: entry for key, entry in self._known.items() if entry[0] > now}
            missing = [key for key in channel_ids if key not in known]
            if missing:
                loaded = load(missing)
                known |= {key: (now + LIFETIME, loaded[key]) for key in missing}
            self._known = known if len(known) <= MAX_KNOWN else {}
            return {key: known[key][1] for key in channel_ids}

    def forget(self, **kwargs: Any) -> None:
        """Check access again before the next answer."""
        with self._lock:
            self._known.clear()


def load(channel_ids: Iterable[str]) -> dict[str, Summary | None]:
    ids = list(channel_ids)
    channels = Channel.objects.filter(channel_id__in=ids).select_related("page")
    by_id = {channel.channel_id: channel for channel in channels}
    public = access.public_channels(by_id.values())
    return {key: summarise(by_id[key]) if key in public else None for key in ids}


def summarise(channel: Channel) -> Summary:
    return {"badge": render_badge(channel), "teaser": render_teaser(channel)}


summaries = Summaries()
after_fork(summaries.reset)
access_changed.connect(summaries.forget)


@login_not_required  # only what everybody may see
def summaries_view(request: HttpRequest) -> HttpResponse:
    """Answer ``?channel=…&channel=…`` with the summary of each."""
    if not conf.is_enabled():
        return to_django(SWITCHED_OFF)
    ids = sorted(set(request.GET.getlist("channel")))
    if not 0 < len(ids) <= MAX_CHANNELS or not all(map(access.is_channel_id, ids)):
        reason = f"Name 1 to {MAX_CHANNELS} channels: ?channel=…&channel=…"
        return to_django(refuse(400, reason))
    try:
        body = serialise({"channels": summaries.get(ids)})
    except Exception as error:
        if not is_refusal(error):
            raise
        return to_django(refuse_for(error))
    response = json_response(body, is_public=True)
    response["ETag"] = f'"{hash_of(body)}"'
    add_headers(response, get_site_headers(200, request.headers.get("Origin")))
    found: Any = get_conditional_response(
        request, etag=response["ETag"], response=response
    )
    return found


def hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
