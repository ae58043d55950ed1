"""Full-text search of the posts of a channel, through Wagtail's search backend."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import get_page_models
from wagtail.search import index
from wagtail.search.backends import get_search_backend, get_search_backends

from .background import after_fork, after_update, later, retry_if_locked, threads
from .models import Channel, LivePageMixin, LivePost, SearchablePost, get_page_model
from .text import normalise_line

logger = logging.getLogger("wagtail_live.search")

MAX_MATCHES = 1000
TEXT_FIELD = "get_live_posts_text"
# Withdrawn text must not be found; new posts can wait until the coverage ends.
INDEXED_AFTER = ("edited", "hidden", "scheduled", "deleted", "paused", "ended")
SAME_TEXT_AFTER = ("deleted", "pinned", "unpinned")  # the text is unchanged or gone


def search(channel: Channel, words: str) -> Collection[UUID]:
    """Return the ids of the posts that contain the words; the last word may be incomplete.
    With an index in the database, the ids are a subquery."""
    found = get_search_backend().autocomplete(
        normalise_line(
            words.replace('"', " ")
        ),  # SQLite's backend doesn't escape quotes
        SearchablePost.objects.filter(channel=channel),
        order_by_relevance=False,
    )
    if hasattr(found, "get_queryset"):
        return found.get_queryset().order_by().values_list("post_id", flat=True)
    return [searchable.post_id for searchable in found[:MAX_MATCHES]]


class Indexer:
    """Indexes posts in the background, in batches: the next has those written meanwhile.

    Databases read their whole index for each change, so that a batch costs as much as
    one post.
    """

    start = staticmethod(threads.add)

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._waiting: set[UUID] = set()
        self._lock = threading.Lock()
        self._is_running = False

    def add(self, post_id: UUID) -> None:
        with self._lock:
            self._waiting.add(post_id)
            if self._is_running:
                return
            self._is_running = True
        self.start(self._run)

    def _run(self) -> None:
        while post_ids := self._take():
            index_posts(post_ids)

    def _take(self) -> list[UUID]:
        with self._lock:
            post_ids, self._waiting = list(self._waiting), set()
            self._is_running = bool(post_ids)
            return post_ids


def index_posts(post_ids: list[UUID]) -> None:
    """Update the posts in the index. A post that can't be indexed is logged and doesn't
    stop the others; its next change or ``update_index`` indexes it."""
    try:
        _refresh(post_ids)
    except Exception:
        if len(post_ids) == 1:
            logger.exception("The post %s can't be indexed.", *post_ids)
            return
        for post_id in post_ids:
            index_posts([post_id])


def _refresh(post_ids: Collection[UUID]) -> None:
    """Index the posts, and again those that have changed meanwhile, since another process
    may have indexed the newer version first."""
    while post_ids:
        entries = SearchablePost.get_indexed_objects().filter(post__in=post_ids)
        indexed = {entry.post_id: entry for entry in entries}
        if indexed:
            _update_index("add_bulk", SearchablePost, list(indexed.values()))
        versions = LivePost.objects.filter(pk__in=indexed)
        post_ids = [
            post_id
            for post_id, version in versions.values_list("pk", "updated_at")
            if version != indexed[post_id].post.updated_at
        ]


def _update_index(action: str, *arguments: Any) -> None:
    """Call each backend, as Wagtail does, and again while SQLite is locked: not in a
    transaction, which would lock it for longer."""
    for backend in get_search_backends(with_auto_update=True):
        try:
            retry_if_locked(getattr(backend, action), *arguments)
        except Exception:
            if not backend.catch_indexing_errors:
                raise
            logger.exception("The index could not be updated.")


indexer = Indexer()
after_fork(indexer.reset)


@receiver(post_save, sender=LivePost)
def make_searchable(
    instance: LivePost, created: bool, raw: bool, **kwargs: Any
) -> None:
    if created and not raw:
        SearchablePost.objects.create(post=instance, channel_id=instance.channel_id)


@after_update
def index_post(post_id: UUID | None, action: str, **kwargs: Any) -> None:
    if post_id and action not in SAME_TEXT_AFTER:
        indexer.add(post_id)


@receiver(post_delete, sender=SearchablePost)
def remove_soon(instance: SearchablePost, **kwargs: Any) -> None:
    later(remove, instance.pk)


def remove(pk: int) -> None:
    """Remove a deleted post from the index."""
    _update_index("delete", SearchablePost(pk=pk))


@after_update
def index_page(channel: Channel, action: str, **kwargs: Any) -> None:
    """Update the page and its aliases in the index, if that contains its posts."""
    types = [
        model
        for model in get_page_models()
        if issubclass(model, LivePageMixin)
        and any(field.field_name == TEXT_FIELD for field in model.get_search_fields())
    ]
    if types and action in INDEXED_AFTER:
        pages = get_page_model().objects.type(*types)
        page_id = channel.page_id
        shown = pages.filter(pk=page_id) | pages.filter(alias_of=page_id)
        for page in shown.specific():
            if indexed := index.get_indexed_instance(page):
                _update_index("add", indexed)
