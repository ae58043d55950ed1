"""The state of each received message, from which its post is made."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .channel import Channel
from .source import ID_LENGTH, RECEIVER_LENGTH


class ReceivedMessage(models.Model):
    """A message in its newest known version; also one that is only known to be deleted.

    ``body`` is its part of the post: a list of ``{"text": html}`` and ``{"link": url}``,
    with ``"is_tried": true`` where it is known whether the link can be embedded.
    """

    receiver = models.CharField(max_length=RECEIVER_LENGTH)
    external_id = models.CharField(max_length=ID_LENGTH)
    message_id = models.CharField(max_length=ID_LENGTH)
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="received_messages"
    )
    version = models.JSONField(null=True)
    group_id = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    reply_to = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    sender_id = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    sender_name = models.CharField(max_length=255, blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    is_deleted = models.BooleanField(default=False)
    # Where it is deleted: with all messages of its group.
    withdraws_group = models.BooleanField(default=False)
    hidden_version = models.JSONField(null=True)
    body = models.JSONField(default=list)
    # Not a foreign key: that an editor has deleted the post must not be forgotten, and a
    # deletion that is undone brings it back under its id.
    post_id = models.UUIDField(null=True)
    # Of the post as it was written last from here, to see whether an editor changed it.
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    note = models.CharField(max_length=255, blank=True, default="")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receiver", "external_id", "message_id"],
                name="wagtail_live_one_row_per_message",
            )
        ]
        indexes = [
            models.Index(fields=["post_id"], name="wagtail_live_received_post"),
            models.Index(
                fields=["receiver", "external_id", "group_id"],
                name="wagtail_live_received_group",
            ),
            models.Index(
                fields=["receiver", "external_id", "reply_to"],
                name="wagtail_live_received_reply",
            ),
        ]

    def __str__(self):
        return f"{self.receiver}: {self.message_id}"

    @property
    def sort_key(self) -> tuple:
        """Orders the parts of a post: replies last, by ids, which platforms count up."""
        return bool(self.reply_to), len(self.message_id), self.message_id


class ReceivedImage(models.Model):
    """An image of a message, and the Wagtail image that was made of it."""

    message = models.ForeignKey(
        ReceivedMessage, on_delete=models.CASCADE, related_name="images"
    )
    receiver = models.CharField(max_length=RECEIVER_LENGTH)
    file_id = models.CharField(max_length=ID_LENGTH)
    position = models.PositiveIntegerField()
    url = models.CharField(max_length=2000, blank=True)
    name = models.CharField(max_length=255, blank=True)
    mime_type = models.CharField(max_length=100, blank=True)
    alt = models.CharField(max_length=255, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    # The image's key as text: a foreign key to a site's own image model would need a
    # migration of the site's.
    image_key = models.CharField(max_length=64, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    error = models.CharField(_("error"), max_length=255, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "file_id"], name="wagtail_live_one_row_per_image"
            )
        ]
        indexes = [
            models.Index(fields=["receiver", "file_id"], name="wagtail_live_file"),
            models.Index(fields=["due_at"], name="wagtail_live_image_due"),
        ]

    def __str__(self):
        return self.name or self.file_id
