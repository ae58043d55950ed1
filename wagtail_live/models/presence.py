"""People at a page: who has its live desk open, who is to be told of a review, and how
many readers there are."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import models

from .. import cursors
from .channel import Channel

TIMEOUT = timedelta(seconds=60)  # a desk says more often that it is open
ROUNDED = 0.25  # readers who poll send a little less than one request per interval
FRESH = timedelta(seconds=25)  # a process counts its readers more often


class DeskPresenceQuerySet(models.QuerySet):
    def current(self):
        """The users who have a desk open now."""
        return self.filter(seen_at__gt=cursors.now() - TIMEOUT, has_left=False)


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
    wrote_at = cursors.MomentField(null=True)  # when a new post was last typed
    # Kept for a while, since requests that the tab sent before may arrive later.
    has_left = models.BooleanField(db_default=False)

    objects = DeskPresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "user", "tab"], name="wagtail_live_one_presence"
            )
        ]

    def __str__(self):
        return f"{self.user} at {self.channel}"


class ReaderCountQuerySet(models.QuerySet):
    def get_totals(self, channel_ids: Iterable[str]) -> dict[str, int]:
        """Return the readers of channels in all processes."""
        fresh = self.filter(
            channel__channel_id__in=channel_ids, counted_at__gt=cursors.now() - FRESH
        )
        totals = fresh.values_list("channel__channel_id").order_by()
        found = totals.annotate(models.Sum("readers"))
        return {
            key: max(1, math.ceil(total - ROUNDED)) for key, total in found if total
        }


class ReaderCount(models.Model):
    """The readers of a channel in one process, as it has counted them last."""

    process = models.CharField(max_length=32)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    # Of a reader who polls, each process gets a part of the requests.
    readers = models.FloatField()
    counted_at = cursors.MomentField()

    objects = ReaderCountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["process", "channel"], name="wagtail_live_one_count"
            )
        ]

    def __str__(self):
        return f"{self.readers} of {self.channel}"


class ReviewOutcome(models.TextChoices):
    """The fate of a post that is, or was, submitted to an editor."""

    SUBMITTED = "submitted"
    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    RETURNED = "returned"
    DELETED = "deleted"


class ReviewNotice(models.Model):
    """A mail about a post that was submitted, or about an editor's decision. It is stored
    with the change, so that it is sent even if the process ends."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="review_notices"
    )
    post_id = models.UUIDField()
    outcome = models.CharField(max_length=16, choices=ReviewOutcome)
    user = models.ForeignKey(  # who made the change
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    headline = models.CharField(max_length=255, default="")  # of a deleted post
    due_at = cursors.MomentField()  # later while a process sends it
    claim = models.UUIDField(null=True)  # of that process
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = cursors.MomentField(null=True)  # kept for the next mail of its page

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="wagtail_live_notice_due")]

    def __str__(self):
        return f"{self.outcome}: {self.post_id}"
