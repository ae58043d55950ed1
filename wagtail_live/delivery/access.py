"""Read access: anyone who can view a page may follow its channel."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import Exists, Q, QuerySet, Subquery
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


class State(NamedTuple):
    """A state of access, equal in two looks at a channel if no new restriction, move or
    unpublishing may have ended access between them."""

    is_live: bool
    path: str
    url_path: str
    newest_restriction: int | None


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


def look(
    channel_ids: list[str], open_paths: Collection[str] = ()
) -> dict[str, Channel]:
    """Read the channels and what access depends on, in one query: also whether one of the
    pages at these paths is no longer open (``is_any_closed``)."""
    newest = PageViewRestriction.objects.order_by("-pk").values("pk")[:1]
    channels = (
        Channel.objects.filter(channel_id__in=channel_ids)
        .select_related("page")
        .only(*LOOK_FIELDS)
        .annotate(newest_restriction=Subquery(newest))
    )
    if open_paths:
        lineage = set().union(*map(_get_lineage, open_paths))
        channels = channels.annotate(is_any_closed=Exists(_find_barriers(lineage)))
    return {channel.channel_id: channel for channel in channels}


def get_state(channel: Any) -> State:
    page = channel.page
    return State(page.live, page.path, page.url_path, channel.newest_restriction)


def find_open(channels: Iterable[Any]) -> set[str]:
    """Return the ids of the channels that a look with their paths has found to be open."""
    return {
        channel.channel_id
        for channel in find_reachable(channels)
        if not channel.is_any_closed
    }


def public_channels(channels: Iterable[Channel]) -> set[str]:
    """Return the ids of the channels that everybody may follow, in one query.

    A page below an alias has the restrictions of the alias's source; such a channel is
    left to ``find_access``.
    """
    lineages = {
        channel.channel_id: _get_lineage(channel.page.path)
        for channel in find_reachable(channels)
    }
    barriers = set(
        _find_barriers(set().union(*lineages.values())).values_list("path", flat=True)
    )
    return {key for key, lineage in lineages.items() if barriers.isdisjoint(lineage)}


def find_reachable(channels: Iterable[Any]) -> list[Any]:
    """Return the channels whose pages are published, and have a URL."""
    roots = tuple(root.root_path for root in Site.get_site_root_paths())
    return [
        channel
        for channel in channels
        if channel.page.live and channel.page.url_path.startswith(roots)
    ]


def _find_barriers(paths: set[str]) -> QuerySet:
    """Return those of the pages that close what is below them, as far as the hub knows."""
    is_barrier = Q(view_restrictions__isnull=False) | Q(alias_of__isnull=False)
    return get_page_model().objects.filter(is_barrier, path__in=paths)


def _get_lineage(path: str) -> set[str]:
    """Return the paths of a page and of all pages above it."""
    step = get_page_model().steplen
    return {path[:end] for end in range(step, len(path) + 1, step)}
