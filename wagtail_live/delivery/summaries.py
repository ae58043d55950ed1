"""Badges and teasers of live pages, for all of those on a page in one small response.

Readers of home pages poll for them. So a process renders each at most once a second,
however many ask, and every answer is the same for all, and may be cached.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from .. import conf
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
from .shared import Shared

MAX_CHANNELS = 30  # in one request

Summary = dict[str, str]


def load(channel_ids: Iterable[str]) -> dict[str, Summary | None]:
    ids = list(channel_ids)
    channels = Channel.objects.filter(channel_id__in=ids).select_related("page")
    by_id = {channel.channel_id: channel for channel in channels}
    public = access.public_channels(by_id.values())
    return {key: summarise(by_id[key]) if key in public else None for key in ids}


def summarise(channel: Channel) -> Summary:
    return {"badge": render_badge(channel), "teaser": render_teaser(channel)}


# ``None`` for a page that is not open to everybody.
summaries: Shared[Summary | None] = Shared(load)
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
