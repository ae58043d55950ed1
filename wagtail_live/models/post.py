"""The posts of a channel, and what is left of deleted ones."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage

from .. import cursors
from ..fields import PostContentField
from .channel import Channel


def generate_post_id():
    return cursors.time_ordered_uuid(timezone.now())


class LivePostQuerySet(models.QuerySet):
    def visible(self):
        """The posts that readers see."""
        return self.filter(show=True)

    def before(self, created, post_id):
        """The posts older than a position."""
        is_older = Q(created__lt=created) | Q(created=created, id__lt=post_id)
        return self.filter(is_older)

    def after(self, created, post_id):
        """The posts newer than a position."""
        is_newer = Q(created__gt=created) | Q(created=created, id__gt=post_id)
        return self.filter(is_newer)

    def key_events(self):
        return self.filter(is_key_event=True)

    def newest_first(self):
        return self.order_by("-created", "-id")

    def oldest_first(self):
        return self.order_by("created", "id")


class LivePost(models.Model):
    """One entry of a channel."""

    id = models.UUIDField(primary_key=True, default=generate_post_id, editable=False)
    channel = models.ForeignKey(
        Channel,
        verbose_name=_("channel"),
        on_delete=models.CASCADE,
        related_name="posts",
        editable=False,
    )
    source = models.CharField(
        _("source"), max_length=255, blank=True, default="", editable=False
    )
    # Null, not "", where there is none: MySQL has no conditional unique constraint.
    message_id = models.CharField(  # noqa: DJ001
        _("message id"), max_length=255, blank=True, null=True, editable=False
    )
    created = models.DateTimeField(_("created"), default=timezone.now)
    modified = models.DateTimeField(_("modified"), null=True, editable=False)
    title = models.CharField(_("title"), max_length=255, blank=True, default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    author_name = models.CharField(
        _("byline"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("The author's name as readers see it; empty for none."),
    )
    is_key_event = models.BooleanField(
        _("key event"), default=False, help_text=_("Listed in the timeline.")
    )
    show = models.BooleanField(
        _("show"), default=True, help_text=_("Readers see the post.")
    )
    first_published_at = models.DateTimeField(
        _("first published at"), null=True, editable=False
    )
    content = PostContentField(verbose_name=_("content"))
    updated_at = models.DateTimeField(
        _("updated at"), default=timezone.now, editable=False
    )

    objects = LivePostQuerySet.as_manager()

    class Meta:
        verbose_name = _("live post")
        verbose_name_plural = _("live posts")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "source", "message_id"],
                name="wagtail_live_one_post_per_message",
            )
        ]
        indexes = [
            models.Index(
                fields=["channel", "updated_at"], name="wagtail_live_post_updated"
            ),
            models.Index(
                fields=["channel", "show", "created", "id"],
                name="wagtail_live_post_order",
            ),
            models.Index(
                fields=["channel", "is_key_event", "created"],
                name="wagtail_live_key_events",
            ),
        ]

    def __str__(self):
        return gettext("Post of %(created)s") % {
            "created": timezone.template_localtime(self.created).strftime(
                "%Y-%m-%d %H:%M:%S"
            )
        }

    @property
    def text(self) -> str:
        """What the post says, without markup."""
        values = self.content.stream_block.get_searchable_content(self.content)
        return " ".join(" ".join(values).split())

    @property
    def headline(self) -> str:
        """The title, or else the first words."""
        return self.title or Truncator(self.text).words(12, truncate="…")

    @property
    def images(self) -> list:
        """The images in the post, in its order."""
        values = (block.value for block in self.content)
        return [value for value in values if isinstance(value, AbstractImage)]

    @property
    def author_picture(self):
        """The picture of an author whose name readers see, where the site has one."""
        profile = getattr(self.author, "wagtail_userprofile", None)
        return profile.avatar if profile and self.author_name else None

    @property
    def position(self) -> str:
        """Sorts the posts of a channel, as a string: by ``created``, then by arrival."""
        return f"{round(cursors.to_timestamp(self.created) * 1_000_000):016}-{self.pk}"


class Tombstone(models.Model):
    """What is left of a deleted post: that it was there, and when it went."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="tombstones"
    )
    post_id = models.UUIDField()
    source = models.CharField(max_length=255, blank=True, default="")
    message_id = models.CharField(max_length=255, blank=True, null=True)  # noqa: DJ001
    was_published = models.BooleanField()
    deleted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "post_id"],
                name="wagtail_live_one_tombstone_per_post",
            )
        ]
        indexes = [
            models.Index(
                fields=["channel", "deleted_at"], name="wagtail_live_tombstone_deleted"
            ),
            models.Index(
                fields=["channel", "source", "message_id"],
                name="wagtail_live_tombstone_message",
            ),
        ]

    def __str__(self):
        return str(self.post_id)
