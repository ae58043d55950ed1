"""Who may follow a channel: whoever may open a page that shows it."""

from __future__ import annotations

from collections.abc import Iterator

import swapper
from django.db.models import Q
from django.http import HttpRequest

from .models import CHANNEL_ID_LENGTH, Channel


def get_channel(channel_id: str) -> Channel | None:
    """The channel with this public id, whoever may follow it."""
    if len(channel_id) > CHANNEL_ID_LENGTH or not channel_id.isprintable():
        return None
    return Channel.objects.filter(channel_id=channel_id).first()


def get_channel_for(request: HttpRequest, channel_id: str) -> Channel | None:
    """The channel, if who asks may follow it; unknown and refused look the same."""
    channel = get_channel(channel_id)
    if channel and any(_may_open(page, request) for page in open_pages(channel)):
        return channel
    return None


def open_pages(channel: Channel) -> Iterator:
    """The published pages of a site that show the channel: its own and its aliases."""
    page_model = swapper.load_model("wagtailcore", "Page")
    shows_channel = Q(pk=channel.page_id) | Q(alias_of=channel.page_id)
    for page in page_model.objects.live().filter(shows_channel):
        if page.get_url_parts() is not None:
            yield page


def _may_open(page, request: HttpRequest) -> bool:
    restrictions = page.get_view_restrictions()
    return all(restriction.accept_request(request) for restriction in restrictions)
