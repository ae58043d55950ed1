"""Full-text search of the posts of a channel, through Wagtail's search backend."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Collection
from typing import Any
from uuid import UUID

import swapper
from django.db import router
from django.db.models import F, Q
from django.dispatch import receiver
from wagtail.models import get_page_models
from wagtail.search import index
from wagtail.search.backends import get_search_backend, get_search_backends

from .models import Channel, LivePageMixin, SearchablePost
from .posts.lock import atomic_in_queue
from .signals import live_page_update

logger = logging.getLogger("wagtail_live.search")

MOST_MATCHES = 1000
TEXT = "get_live_posts_text"
# What was withdrawn must not be found. What is new can wait until nobody writes.
INDEXED_AFTER = ("edited", "hidden", "deleted", "paused", "ended")
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


class Indexer:
    """Tells the index of one writer's post, and then of all that were written meanwhile.

    A change of the index costs as much for many posts as for one: that of a database is
    read as a whole each time.
    """

    def __init__(self) -> None:
        self._waiting: set[UUID] = set()
        self._turn = threading.Lock()

    def index(self, post_id: UUID) -> None:
        """Return when the index knows the post, whoever has told it."""
        self._waiting.add(post_id)
        with self._turn:
            if post_id in self._waiting:
                index_posts([self._waiting.pop() for _ in range(len(self._waiting))])


def index_posts(post_ids: list[UUID]) -> None:
    """Let the posts be found by what they say now. One that can't be indexed is logged,
    hides no other, and is found after its next change or ``update_index``."""
    try:
        _refresh(post_ids)
    except Exception:
        if len(post_ids) == 1:
            logger.exception("The post %s can't be indexed.", *post_ids)
            return
        for post_id in post_ids:
            index_posts([post_id])


def _refresh(post_ids: Collection[UUID]) -> None:
    entries = SearchablePost.get_indexed_objects().filter(post__in=post_ids)
    with atomic_in_queue(router.db_for_write(SearchablePost)):
        # A second process waits here, and then reads what is newer.
        if entries.update(post=F("post")):
            _update_backends(list(entries))


def _update_backends(entries: list[SearchablePost]) -> None:
    for backend in get_search_backends(with_auto_update=True):
        try:
            backend.add_bulk(SearchablePost, entries)
        except Exception:
            if not backend.catch_indexing_errors:
                raise  # it was the database's, and the transaction is lost
            logger.exception("Could not index %s posts.", len(entries))


indexer = Indexer()
os.register_at_fork(after_in_child=indexer.__init__)


@receiver(live_page_update)
def index_post(sender: Any, post_id: UUID | None, action: str, **kwargs: Any) -> None:
    if post_id and action in WRITTEN:
        indexer.index(post_id)


@receiver(live_page_update, sender=Channel)
def index_page(sender: Any, channel: Channel, action: str, **kwargs: Any) -> None:
    types = [model for model in get_page_models() if _finds_posts(model)]
    if types and action in INDEXED_AFTER:
        is_shown = Q(pk=channel.page_id) | Q(alias_of=channel.page_id)
        pages = swapper.load_model("wagtailcore", "Page").objects
        for page in pages.type(*types).filter(is_shown).specific():
            index.insert_or_update_object(page)


def _finds_posts(model: Any) -> bool:
    return issubclass(model, LivePageMixin) and any(
        field.field_name == TEXT for field in model.get_search_fields()
    )
