"""Full-text search of the posts of a channel, through Wagtail's search backend."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from wagtail.search.backends import get_search_backend

from ..models import Channel, SearchablePost
from ..signals import live_page_update

MOST_MATCHES = 1000
WRITTEN = ("drafted", "submitted", "scheduled", "published", "edited", "restored")


def search(channel: Channel, words: str) -> Collection[UUID]:
    """The ids of the posts that the words are found in, the beginning of the last word
    included. Where the index is in the database, they are a part of the query that asks
    for the posts, and otherwise those of the newest."""
    found = get_search_backend().autocomplete(
        words.replace('"', " ").strip(),  # SQLite's backend doesn't escape quotes
        SearchablePost.objects.filter(channel=channel),
        order_by_relevance=False,
    )
    if hasattr(found, "get_queryset"):
        return found.get_queryset().order_by().values_list("post_id", flat=True)
    return [searchable.post_id for searchable in found[:MOST_MATCHES]]


@receiver(live_page_update)
def index_post(sender: Any, post_id: UUID | None, action: str, **kwargs: Any) -> None:
    """A post that can't be indexed is logged by the signal, and found after its next
    change or ``update_index``."""
    if post_id and action in WRITTEN:
        SearchablePost.refresh(post_id)
