"""Sources, the channels of other platforms, and the messages received from them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .. import cursors
from ..text import normalise_line
from .channel import Channel

RECEIVER_LENGTH = 50
ID_LENGTH = 200  # of a platform's ids; a post's ``source`` holds a receiver and an id


class Policy(models.TextChoices):
    """Handling of new messages."""

    PUBLISH = "publish", _("Publish at once")
    HOLD = "hold", _("Hold as a draft for an editor")


class ThreadReplies(models.TextChoices):
    """Handling of replies in the thread of a message."""

    IGNORE = "ignore", _("Ignore them")
    APPEND = "append", _("Append them to the post")


class Source(models.Model):
    """A channel, chat or group of a platform, whose messages go to one live page."""

    receiver = models.CharField(_("receiver"), max_length=RECEIVER_LENGTH)
    external_id = models.CharField(
        _("channel or chat"),
        max_length=ID_LENGTH,
        help_text=_("ID on the platform, such as C024BE91L."),
    )
    channel = models.ForeignKey(
        Channel,
        verbose_name=_("channel"),
        on_delete=models.CASCADE,
        related_name="sources",
        editable=False,
    )
    # The id before the platform changed it, in which older messages are known.
    former_id = models.CharField(
        max_length=ID_LENGTH, blank=True, default="", db_default="", editable=False
    )
    label = models.CharField(_("label"), max_length=100, blank=True, default="")
    policy = models.CharField(
        _("new messages"), max_length=16, choices=Policy, default=Policy.PUBLISH
    )
    delay = models.PositiveIntegerField(
        _("delay"),
        default=0,
        help_text=_(
            "Seconds before a message is published, so that editors can step in."
        ),
    )
    allowed_senders = models.TextField(
        _("allowed senders"),
        blank=True,
        default="",
        help_text=_(
            "IDs on the platform, one per line. Leave empty to allow everyone."
        ),
    )
    thread_replies = models.CharField(
        _("replies in threads"),
        max_length=16,
        choices=ThreadReplies,
        default=ThreadReplies.IGNORE,
    )
    include_bots = models.BooleanField(_("accept messages from bots"), default=False)
    allows_presets = models.BooleanField(
        _("start posts with presets"),
        default=False,
        db_default=False,
        help_text=_(
            "A message that begins with a preset’s name, such as /goal, starts with it."
        ),
    )

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            models.UniqueConstraint(
                fields=["receiver", "external_id"],
                name="wagtail_live_one_page_per_source",
                violation_error_message=_(
                    "This source is already connected to a page."
                ),
            )
        ]

    def __str__(self):
        return self.label or f"{self.receiver}: {self.external_id}"

    def clean(self):
        self.label = normalise_line(self.label)

    def allows(self, sender_id: str) -> bool:
        """Return ``True`` if messages of the sender are accepted. The case of e-mail
        addresses doesn't matter."""
        allowed = self.allowed_senders.split()
        allowed += [each.lower() for each in allowed if "@" in each]
        return not allowed or sender_id in allowed


class SourceAuthor(models.Model):
    """A person on a platform, and the user, person or name that an editor gave them."""

    receiver = models.CharField(_("receiver"), max_length=RECEIVER_LENGTH)
    sender_id = models.CharField(_("sender"), max_length=ID_LENGTH)
    name = models.CharField(
        _("name"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("Shown to readers. Leave empty to use the name on the platform."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # A reference to an object of the site's author model.
    person = models.CharField(
        _("author"), max_length=255, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("author of a source")
        verbose_name_plural = _("authors of sources")
        constraints = [
            models.UniqueConstraint(
                fields=["receiver", "sender_id"], name="wagtail_live_one_author"
            )
        ]

    def __str__(self):
        return self.name or self.sender_id

    def clean(self):
        self.name = normalise_line(self.name)


class UnconnectedSource(models.Model):
    """A chat that sends authentic messages but is not connected to a page. The messages
    are not stored."""

    receiver = models.CharField(max_length=RECEIVER_LENGTH)
    external_id = models.CharField(max_length=ID_LENGTH)
    count = models.PositiveIntegerField(default=0)
    last_seen_at = cursors.MomentField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receiver", "external_id"],
                name="wagtail_live_one_unconnected_source",
            )
        ]

    def __str__(self):
        return f"{self.receiver}: {self.external_id}"


class FailedDelivery(models.Model):
    """An authentic request that could not be read or stored, for an editor to replay."""

    receiver = models.CharField(max_length=RECEIVER_LENGTH)
    # The platform's channel, if it could be read.
    external_id = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    body = models.BinaryField()
    reason = models.CharField(max_length=255)
    failed_at = cursors.MomentField()

    class Meta:
        indexes = [
            models.Index(fields=["receiver", "failed_at"], name="wagtail_live_failed")
        ]

    def __str__(self):
        return f"{self.receiver}: {self.reason}"


class ReceivedMessage(models.Model):
    """The newest known version of a message, or the record of its deletion.

    ``body`` is its part of the post: a list of ``{"text": html}`` and ``{"link": url}``,
    with the ``"attempts"`` to embed the link and ``"is_tried": true`` if there will be no
    more, and with the ``"section"`` of the message it is from if an edit may leave that
    out.
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
    title = models.CharField(max_length=255, blank=True, default="", db_default="")
    sent_at = cursors.MomentField(null=True)
    is_deleted = models.BooleanField(default=False)
    # The deletion of this message deletes its whole group.
    withdraws_group = models.BooleanField(default=False)
    hidden_version = models.JSONField(null=True)
    body = models.JSONField(default=list)
    # When the links in it are to be tried.
    links_due_at = cursors.MomentField(null=True, db_index=True)
    # Not a foreign key: the id outlives a post that an editor deletes, and an undone
    # deletion restores the post under it.
    post_id = models.UUIDField(null=True)
    # A hash of the post as last written from the message, to detect an editor's changes.
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    note = models.CharField(max_length=255, blank=True, default="")
    # The parts that readers don't see, for editors.
    omitted = models.CharField(max_length=255, blank=True, default="", db_default="")
    changed_at = cursors.MomentField()

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
        """The order of the parts of a post: by ids, which increase, and replies last."""
        return bool(self.reply_to), len(self.message_id), self.message_id


class ReceivedImage(models.Model):
    """An image, a video or audio of a message, and what was made from it in the library."""

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
    # Of a video or audio: thumbnail, duration, width and height of the attachment.
    details = models.JSONField(
        blank=True,
        default=dict,
        db_default=models.Value({}, models.JSONField()),
    )
    # The key as text, of the image or of the file in the media library: a foreign key to a
    # site's own model would need a migration of the site's.
    image_key = models.CharField(max_length=64, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = cursors.MomentField(null=True)
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


class ReceivedContent(models.Model):
    """A part of a file that came in its message, until the file is in the library."""

    image = models.ForeignKey(
        ReceivedImage, on_delete=models.CASCADE, related_name="contents"
    )
    position = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "position"], name="wagtail_live_one_content"
            )
        ]

    def __str__(self):
        return f"{self.image_id}: {self.position}"


class DeletedFile(models.Model):
    """A file that was deleted on its platform: a message that arrives later doesn't show
    it again."""

    receiver = models.CharField(max_length=RECEIVER_LENGTH)
    file_id = models.CharField(max_length=ID_LENGTH)
    deleted_at = cursors.MomentField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receiver", "file_id"], name="wagtail_live_one_deleted_file"
            )
        ]

    def __str__(self):
        return f"{self.receiver}: {self.file_id}"
