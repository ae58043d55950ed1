"""Users who have the live desk of a page open."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models

from .. import cursors
from .channel import Channel

TIMEOUT = timedelta(seconds=60)  # a desk says more often that it is open


class DeskPresenceQuerySet(models.QuerySet):
    def current(self):
        """The users who have a desk open now."""
        return self.filter(seen_at__gt=cursors.now() - TIMEOUT)


class DeskPresence(models.Model):
    """A tab in which a user has the desk of a channel open, stored so that all processes
    see it."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="presences"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    tab = models.CharField(max_length=36, db_default="")  # chosen by the browser
    post_id = models.UUIDField(null=True)  # the post that is being edited
    seen_at = cursors.MomentField()

    objects = DeskPresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "user", "tab"], name="wagtail_live_one_presence"
            )
        ]

    def __str__(self):
        return f"{self.user} at {self.channel}"
