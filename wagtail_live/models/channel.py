"""The channel of a live page: the stream of its posts and its state."""

from __future__ import annotations

from typing import Any

import swapper
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import Http404
from django.utils.crypto import get_random_string
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField

from .. import cursors

swapper.set_app_prefix("wagtailcore", "wagtail")
PAGE_MODEL = swapper.get_model_name("wagtailcore", "Page")
CHANNEL_ID_LENGTH = 255
EPOCH_LENGTH = 8


def get_page_model() -> Any:
    """Return the site's page model, which Wagtail 8 lets a site replace."""
    return swapper.load_model("wagtailcore", "Page")


def generate_channel_id() -> str:
    """Return 12 random letters and digits: 71 bits, which can't be guessed."""
    return get_random_string(12)


def generate_epoch() -> str:
    return get_random_string(EPOCH_LENGTH)


def validate_channel_id(value):
    """Accept one segment of a URL path: printable, and without a slash."""
    if not value.isprintable() or "/" in value or value.strip(". ") == "":
        raise ValidationError(
            _(
                "“%(value)s” is not a valid channel ID. Use printable characters, "
                "without slashes."
            ),
            params={"value": value},
        )


class ChannelState(models.TextChoices):
    NOT_STARTED = "not_started", _("Not started")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


class ChannelManager(models.Manager):
    def find_for_page(self, page) -> Channel | None:
        """Return the channel that a page shows: its source page's if it is an alias."""
        found = self.filter(page_id=page.alias_of_id or page.pk).first()
        return found and found.of_type(page)

    def get_page(self, channel_id: str) -> Any:
        """Return the live page with this channel id, of whatever type it is;
        ``Channel.DoesNotExist`` if there is none."""
        return self.select_related("page").get(channel_id=channel_id).page.specific

    def for_page(self, page) -> Channel:
        """Return the channel that a saved page shows, and create it if necessary.

        Raise ``Channel.DoesNotExist``, which templates take for nothing, for a new page.
        """
        if not page.pk:
            raise self.model.DoesNotExist("The page has no channel until it is saved.")
        found = self.get_or_create(page_id=page.alias_of_id or page.pk)[0]
        return found.of_type(page)


class Channel(models.Model):
    """The stream of posts of one live page, and the state that changes with each post.

    A row of its own and not columns of the page: publishing an older revision of a page
    writes all its columns back, and would move the cursor into the past.
    """

    page = models.OneToOneField(
        PAGE_MODEL,
        verbose_name=_("page"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    channel_id = models.CharField(
        _("channel id"),
        max_length=CHANNEL_ID_LENGTH,
        unique=True,
        default=generate_channel_id,
        validators=[validate_channel_id],
    )
    last_updated_at = cursors.MomentField(
        _("last updated at"), default=cursors.now, editable=False
    )
    seen_updated_at = cursors.MomentField(
        _("last update that readers saw"), default=cursors.now, editable=False
    )
    tombstones_purged_at = cursors.MomentField(
        _("tombstones purged up to"), null=True, editable=False
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=ChannelState,
        default=ChannelState.NOT_STARTED,
        editable=False,
    )
    started_at = cursors.MomentField(_("started at"), null=True, editable=False)
    ended_at = cursors.MomentField(_("ended at"), null=True, editable=False)
    # Set while an editor can still take the end back.
    ends_at = cursors.MomentField(_("ends at"), null=True, editable=False)
    summary = RichTextField(
        _("key points"),
        blank=True,
        features=["bold", "italic", "link", "ol", "ul"],
        help_text=_("A summary of what has happened so far."),
    )
    summarised_at = cursors.MomentField(_("summarised at"), null=True, editable=False)
    summarised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("summarised by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    summarised_by.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]
    pinned_post = models.ForeignKey(
        "LivePost",
        verbose_name=_("pinned post"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    overview_updated_at = cursors.MomentField(
        _("overview updated at"), default=cursors.now, editable=False
    )
    # The last change of the stage, ``None`` before the first.
    stage_updated_at = cursors.MomentField(
        _("stage updated at"), null=True, editable=False
    )
    # As ``stage_form_class`` of the page type has cleaned them. Not columns of the page:
    # publishing an older revision of it would bring an old score back.
    stage_values = models.JSONField(
        _("fields of the stage"), null=True, editable=False, encoder=DjangoJSONEncoder
    )
    # Of the stage as readers were sent it last, to send nothing if a publication does not
    # change it.
    stage_digest = models.CharField(
        max_length=64, default="", db_default="", editable=False
    )
    # The last change at the desk that posts don't show. Readers are not told of it.
    desk_changed_at = cursors.MomentField(
        _("desk changed at"), null=True, editable=False
    )

    objects = ChannelManager()

    # The writer's lock while it is held, on the instance that was read under it.
    lock: Any = None
    # The class of the page, if it is known without a query. See ``get_post_block``.
    page_type: Any = None

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self):
        return self.channel_id

    def of_type(self, page: Any) -> Channel:
        """Note the class of a page that shows the channel; an alias has that of its source."""
        is_specific = hasattr(page, "live_post_block")
        self.page_type = type(page) if is_specific else page.specific_class
        return self

    @cached_property
    def language(self) -> str:
        """The code of the language that the posts are rendered in, for all readers."""
        is_new = not self.page_id  # in the preview of a new page
        has_locale = getattr(settings, "WAGTAIL_I18N_ENABLED", False)
        if not has_locale or (is_new and not self.page.locale_id):
            return settings.LANGUAGE_CODE
        if is_new or self._is_locale_loaded():
            return self.page.locale.language_code
        pages = get_page_model().objects
        return pages.values_list("locale__language_code", flat=True).get(
            pk=self.page_id
        )

    def _is_locale_loaded(self) -> bool:
        page = self._state.fields_cache.get("page")
        return page is not None and "locale" in page._state.fields_cache


class Tombstone(models.Model):
    """The record that a post existed and when it was deleted."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="tombstones"
    )
    post_id = models.UUIDField()
    source = models.CharField(max_length=255, blank=True, default="")
    message_id = models.CharField(max_length=255, blank=True, null=True)  # noqa: DJ001
    was_published = models.BooleanField()
    deleted_at = cursors.MomentField()

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


class EngineChannel(models.Model):
    """A channel that readers follow through a push engine, and the last update that a
    server of it has. No foreign key: readers are sent away after the channel has been deleted.
    """

    channel_id = models.CharField(max_length=CHANNEL_ID_LENGTH)
    server = models.CharField(max_length=32)  # the name of one of the engine's servers
    published_until = cursors.MomentField()
    # Of a publication that was begun: it is repeated up to here if its process ended.
    publishing_until = cursors.MomentField(null=True)
    has_public_readers = models.BooleanField(default=False)
    has_private_readers = models.BooleanField(default=False)
    # The full form lists all posts, so it is published only while it is asked for.
    full_until = cursors.MomentField(null=True)
    used_at = cursors.MomentField(default=cursors.now)
    claimed_until = cursors.MomentField(null=True)
    # What the engine has to know of each of its channels, by name; see ``Item``.
    positions = models.JSONField(default=dict)
    epoch = models.CharField(max_length=EPOCH_LENGTH, default=generate_epoch)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel_id", "server"], name="wagtail_live_engine_channel"
            )
        ]

    def __str__(self):
        return self.channel_id

    def get_position(self, name: str) -> str:
        return self.positions.get(name, self.epoch)


class ChannelDeleted(Channel.DoesNotExist, Http404):
    """The channel was deleted with its page. Views return 404."""
