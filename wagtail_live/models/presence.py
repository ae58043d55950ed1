"""Users who have the live desk of a page open."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .. import cursors
from .channel import Channel


class DeskPresence(models.Model):
    """A user at the desk of a channel, stored so that all processes see it."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="presences"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    post_id = models.UUIDField(null=True)  # the post that is being edited
    seen_at = cursors.MomentField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "user"], name="wagtail_live_one_presence"
            )
        ]

    def __str__(self):
        return f"{self.user} at {self.channel}"
