"""Read access: anyone who can view a page may follow its channel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Q, Subquery
from django.http import HttpRequest
from wagtail.models import PageViewRestriction, Site

from ..models import CHANNEL_ID_LENGTH, Channel, get_page_model

LOOK_FIELDS = (
    *("channel_id", "overview_updated_at", "last_updated_at", "tombstones_purged_at"),
    *("seen_updated_at", "stage_updated_at"),
    *("page__live", "page__path", "page__url_path"),
)


class ChannelGone(Exception):
    """The channel is unknown, or the reader may not follow it (any longer)."""


class Unavailable(Exception):
    """Updates can't be loaded now: the database is away, or too much is waiting for it."""


class Access(NamedTuple):
    """A channel that a reader may follow; ``is_public`` if everybody may."""

    channel: Channel
    is_public: bool


def is_channel_id(value: str) -> bool:
    """Return whether a channel can have this id."""
    is_short = 0 < len(value) <= CHANNEL_ID_LENGTH
    return is_short and value.isprintable() and "/" not in value


def get_channel(channel_id: str) -> Channel | None:
    """Return the channel with this public id, without a check of access."""
    if not is_channel_id(channel_id):
        return None
    return Channel.objects.filter(channel_id=channel_id).first()


def find_access(request: HttpRequest, channel_id: str) -> Access:
    """Return the access that a request has to a channel, by its page or an alias of it;
    raise ``ChannelGone``."""
    channel = get_channel(channel_id)
    if channel is None:
        raise ChannelGone(channel_id)
    shows_channel = Q(pk=channel.page_id) | Q(alias_of=channel.page_id)
    restrictions = [
        list(page.get_view_restrictions())
        for page in get_page_model().objects.live().filter(shows_channel)
        if page.get_url_parts() is not None
    ]
    if not all(restrictions):
        return Access(channel, is_public=True)
    for of_page in restrictions:
        if all(restriction.accept_request(request) for restriction in of_page):
            return Access(channel, is_public=False)
    raise ChannelGone(channel_id)


def look(channel_ids: list[str]) -> dict[str, Channel]:
    """Read the channels and what access depends on, in one query."""
    newest = PageViewRestriction.objects.order_by("-pk").values("pk")[:1]
    channels = (
        Channel.objects.filter(channel_id__in=channel_ids)
        .select_related("page")
        .only(*LOOK_FIELDS)
        .annotate(newest_restriction=Subquery(newest))
    )
    return {channel.channel_id: channel for channel in channels}


def get_state(channel: Any) -> tuple:
    """Return what has to be equal in two looks at a channel if no new restriction, move
    or unpublishing may have ended access between them."""
    page = channel.page
    return page.live, page.path, page.url_path, channel.newest_restriction


def public_channels(channels: Iterable[Channel]) -> set[str]:
    """Return the ids of the channels that everybody may follow, in one query.

    A page below an alias has the restrictions of the alias's source; such a channel is
    left to ``find_access``.
    """
    roots = [root.root_path for root in Site.get_site_root_paths()]
    lineages = {
        channel.channel_id: _get_lineage(channel.page)
        for channel in channels
        if channel.page.live and channel.page.url_path.startswith(tuple(roots))
    }
    barriers = set(
        get_page_model()
        .objects.filter(path__in=set().union(*lineages.values()))
        .filter(Q(view_restrictions__isnull=False) | Q(alias_of__isnull=False))
        .values_list("path", flat=True)
    )
    return {key for key, lineage in lineages.items() if barriers.isdisjoint(lineage)}


def _get_lineage(page) -> set[str]:
    """Return the paths of a page and of all pages above it."""
    return {
        page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)
    }
