"""The posts in Wagtail's search index."""

from __future__ import annotations

from django.db import models
from django.utils.functional import cached_property
from wagtail.search import index

from .channel import Channel
from .post import LivePost


class SearchablePost(index.Indexed, models.Model):
    """A post in the search index.

    The search backends of SQLite and MySQL look for the text of a primary key, and so
    can't find a model whose key is a UUID.
    """

    post = models.OneToOneField(
        LivePost, on_delete=models.CASCADE, related_name="searchable"
    )
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")

    search_auto_update = False  # the writer doesn't wait for the index: see ``search``
    search_fields = [
        index.SearchField("text"),
        index.AutocompleteField("text"),
        index.FilterField("channel"),
    ]

    def __str__(self):
        return str(self.post_id)

    @cached_property
    def text(self) -> str:
        """The text that the post can be found by."""
        post = self.post
        return " ".join(filter(None, [post.title, post.byline, post.text]))

    @classmethod
    def get_indexed_objects(cls) -> models.QuerySet[SearchablePost]:
        entries = super().get_indexed_objects()
        return entries.select_related("post__channel__page")
