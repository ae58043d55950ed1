"""Full-text search of the posts of a channel, through Wagtail's search backend."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db import IntegrityError
from django.dispatch import receiver
from wagtail.search.backends import get_search_backend

from ..models import Channel, SearchablePost
from ..signals import live_page_update

MOST_MATCHES = 1000
WRITTEN = ("drafted", "submitted", "scheduled", "published", "edited", "restored")


def search(channel: Channel, words: str) -> list[UUID]:
    """The ids of the posts that the words are found in, beginnings of words included."""
    posts = SearchablePost.objects.filter(channel=channel)
    found = get_search_backend().autocomplete(words, posts)
    return [searchable.post_id for searchable in found[:MOST_MATCHES]]


@receiver(live_page_update)
def index_post(sender, channel, post_id, action, **kwargs):
    if post_id and action in WRITTEN:
        # The post was deleted meanwhile, or another process has indexed it.
        with suppress(IntegrityError):
            SearchablePost.refresh(channel, post_id)
