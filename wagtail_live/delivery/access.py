"""Who may follow a channel: whoever may open a page that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import swapper
from django.db.models import Q
from django.http import HttpRequest
from wagtail.models import Site

from ..models import CHANNEL_ID_LENGTH, Channel

LOOK_FIELDS = (
    *("channel_id", "head_updated_at", "last_updated_at", "tombstones_purged_at"),
    *("page__live", "page__path", "page__url_path"),
)


def is_channel_id(value: str) -> bool:
    """Whether a channel can have this id."""
    is_short = 0 < len(value) <= CHANNEL_ID_LENGTH
    return is_short and value.isprintable() and "/" not in value


def get_channel(channel_id: str) -> Channel | None:
    """The channel with this public id, whoever may follow it."""
    if not is_channel_id(channel_id):
        return None
    return Channel.objects.filter(channel_id=channel_id).first()


def find(request: HttpRequest, channel_id: str) -> tuple[Channel, bool] | None:
    """The channel, if who asks may follow it, and whether everybody may.

    Unknown and refused look the same.
    """
    channel = get_channel(channel_id)
    if channel is None:
        return None
    restrictions = [list(page.get_view_restrictions()) for page in open_pages(channel)]
    if not all(restrictions):
        return channel, True
    if any(_accepts(page_restrictions, request) for page_restrictions in restrictions):
        return channel, False
    return None


def open_pages(channel: Channel) -> Iterator:
    """The published pages of a site that show the channel: its own and its aliases."""
    page_model = swapper.load_model("wagtailcore", "Page")
    shows_channel = Q(pk=channel.page_id) | Q(alias_of=channel.page_id)
    for page in page_model.objects.live().filter(shows_channel):
        if page.get_url_parts() is not None:
            yield page


def look(channel_ids: list[str]) -> dict[str, Channel]:
    """The channels as they are now, with their page's place in the tree: one query."""
    channels = Channel.objects.filter(channel_id__in=channel_ids).select_related("page")
    return {channel.channel_id: channel for channel in channels.only(*LOOK_FIELDS)}


def public_channels(channels: Iterable[Channel]) -> set[str]:
    """The ids of those that ``look`` found and everybody may follow: one query.

    A page below an alias takes the restrictions of the alias's source; such a channel
    is left to ``get_channel_for``.
    """
    channels = [channel for channel in channels if _is_on_site(channel.page)]
    lineages = {channel.channel_id: _lineage(channel.page) for channel in channels}
    page_model = swapper.load_model("wagtailcore", "Page")
    barriers = set(
        page_model.objects.filter(path__in=set().union(*lineages.values()))
        .filter(Q(view_restrictions__isnull=False) | Q(alias_of__isnull=False))
        .values_list("path", flat=True)
    )
    return {key for key, lineage in lineages.items() if barriers.isdisjoint(lineage)}


def _is_on_site(page) -> bool:
    return page.live and any(
        page.url_path.startswith(root.root_path) for root in Site.get_site_root_paths()
    )


def _lineage(page) -> set[str]:
    """The paths of the page and of all above it."""
    return {
        page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)
    }


def _accepts(restrictions: list, request: HttpRequest) -> bool:
    return all(restriction.accept_request(request) for restriction in restrictions)
