"""Records of deleted posts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .channel import Channel


class Tombstone(models.Model):
    """The record that a post existed and when it was deleted."""

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
