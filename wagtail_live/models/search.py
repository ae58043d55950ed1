"""What Wagtail's search backend finds of the posts."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import models, router
from django.db.models import F
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.functional import cached_property
from wagtail.search import index
from wagtail.search.backends import get_search_backends

from ..lines import atomic_in_line
from .channel import Channel
from .post import LivePost

logger = logging.getLogger("wagtail_live.search")


class SearchablePost(index.Indexed, models.Model):
    """Stands for a post in the search index.

    The search backends of SQLite and MySQL look for the text of a primary key, and so
    can't find a model whose key is a UUID. And the index is written after the commit,
    not under the channel's lock, because each change of it reads all of it.
    """

    post = models.OneToOneField(
        LivePost, on_delete=models.CASCADE, related_name="searchable"
    )
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")

    search_fields = [
        index.SearchField("text"),
        index.AutocompleteField("text"),
        index.FilterField("channel"),
    ]

    def __str__(self):
        return str(self.post_id)

    @cached_property
    def text(self) -> str:
        """All that the post can be found by."""
        post = self.post
        return " ".join(filter(None, [post.title, post.author_name, post.text]))

    @classmethod
    def get_indexed_objects(cls) -> models.QuerySet[SearchablePost]:
        return super().get_indexed_objects().select_related("post")

    @classmethod
    def refresh(cls, post_ids: Collection[UUID]) -> None:
        """Tell the index what the posts say now, those of them that are still there."""
        entries = cls.get_indexed_objects().filter(post__in=post_ids)
        with atomic_in_line(router.db_for_write(cls)):
            # Whoever comes second waits here, and then reads what is newer.
            if entries.update(post=F("post")):
                cls._tell_backends(list(entries))

    @classmethod
    def _tell_backends(cls, entries: list[SearchablePost]) -> None:
        for backend in get_search_backends(with_auto_update=True):
            try:
                backend.add_bulk(cls, entries)
            except Exception:
                if not backend.catch_indexing_errors:
                    raise  # it was the database's, and the transaction is lost
                logger.exception("Can't index %s posts.", len(entries))


@receiver(post_save, sender=LivePost)
def stand_for(instance: LivePost, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw:
        # Without a signal, which would tell the index under the channel's lock.
        SearchablePost.objects.bulk_create(
            [SearchablePost(post=instance, channel_id=instance.channel_id)]
        )
