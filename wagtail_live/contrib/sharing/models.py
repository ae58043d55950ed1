"""The links from posts to their originals on other pages."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ... import cursors
from ...models import Channel


class Ending(models.TextChoices):
    """The reason why a post no longer follows its original."""

    EDITED = "edited", _("edited here")
    HIDDEN = "hidden", _("hidden here")
    DELETED = "deleted", _("deleted here")
    PRIVATE = "private", _("the original became private")
    FAILED = "failed", _("an update failed repeatedly")


class SharedPost(models.Model):
    """A post that follows its original on another page, until the link ends.

    No foreign keys to the posts, since one that was deleted can come back. ``due_at`` is
    set in the transaction that changes the original, and cleared in the one that brings
    the change here.
    """

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="shared_posts"
    )
    post_id = models.UUIDField(unique=True)
    # The database must not lock the channel of the original while this one is locked: two
    # pages that share with each other would wait for each other.
    original_channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    original_id = models.UUIDField(db_index=True)
    shared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    shared_at = cursors.MomentField(default=cursors.now)
    # Somebody who may publish both pages has confirmed that readers of this page see posts
    # of a page that isn't public.
    is_confirmed = models.BooleanField(default=False)
    # The time of the original, and a hash of the post, as they were last brought here.
    original_created = cursors.MomentField()
    digest = models.CharField(max_length=64)
    has_link = models.BooleanField(default=False)  # the credit, if the page is public
    is_hidden = models.BooleanField(default=False)  # with the original
    due_at = cursors.MomentField(null=True, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ended = models.CharField(
        max_length=10, choices=Ending.choices, blank=True, default=""
    )

    class Meta:
        verbose_name = _("shared post")
        verbose_name_plural = _("shared posts")

    def __str__(self):
        return f"{self.post_id} ({self.original_id})"

    @property
    def is_linked(self) -> bool:
        """True while the post follows its original."""
        return not self.ended
