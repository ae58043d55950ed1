"""What Wagtail's search backend finds of the posts."""

from __future__ import annotations

from uuid import UUID

from django.db import models, transaction
from wagtail.search import index

from .channel import Channel
from .post import LivePost


class SearchablePost(index.Indexed, models.Model):
    """Stands for a post in the search index.

    The search backends of SQLite and MySQL look for the text of a primary key, and so
    can't find a model whose key is a UUID. And the index is written after the commit,
    not under the channel's lock.
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

    @property
    def text(self) -> str:
        """All that the post can be found by."""
        post = self.post
        return " ".join(filter(None, [post.title, post.author_name, post.text]))

    @classmethod
    def refresh(cls, channel: Channel, post_id: UUID) -> None:
        """Tell the index what the post says now, if it is still there."""
        with transaction.atomic():
            # SQLite lets nobody wait for its lock who has read before.
            cls.objects.filter(post=post_id).update(channel=channel)
            post = LivePost.objects.filter(pk=post_id).first()
            if post is None:
                return
            # Without a signal, whose task would read before it writes.
            cls.objects.bulk_create(
                [cls(post=post, channel=channel)], ignore_conflicts=True
            )
            index.insert_or_update_object(cls.objects.get(post=post))
