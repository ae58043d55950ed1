"""Live pages, their channels and the posts in them. Only ``posts`` writes posts."""

from __future__ import annotations

from datetime import datetime

import swapper
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField
from wagtail.images.models import AbstractImage
from wagtail.models import Page

from . import cursors
from .fields import PostContentField

swapper.set_app_prefix("wagtailcore", "wagtail")
PAGE_MODEL = swapper.get_model_name("wagtailcore", "Page")
CHANNEL_ID_LENGTH = 255


def generate_channel_id() -> str:
    """12 letters and digits: 71 bits, which nobody guesses."""
    return get_random_string(12)


def generate_post_id():
    return cursors.time_ordered_uuid(timezone.now())


def validate_channel_id(value):
    """A channel id is one segment of a URL's path: printable, and without a slash."""
    if not value.isprintable() or "/" in value or value.strip(". ") == "":
        raise ValidationError(
            _("“%(value)s” can't be a channel id: it must fit between two slashes."),
            params={"value": value},
        )


class ChannelState(models.TextChoices):
    NOT_STARTED = "not_started", _("Not started")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


class ChannelManager(models.Manager):
    def for_page(self, page) -> Channel:
        """The channel that a saved page shows: its source page's where it is an alias."""
        return self.get_or_create(page_id=page.alias_of_id or page.pk)[0]


class Channel(models.Model):
    """The stream of posts of one live page, and the state that moves with each post.

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
    last_updated_at = models.DateTimeField(
        _("last updated at"), default=timezone.now, editable=False
    )
    tombstones_purged_at = models.DateTimeField(
        _("tombstones purged up to"), null=True, editable=False
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=ChannelState,
        default=ChannelState.NOT_STARTED,
        editable=False,
    )
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    summary = RichTextField(
        _("key points"),
        blank=True,
        features=["bold", "italic", "link", "ol", "ul"],
        help_text=_("A summary of what has happened so far."),
    )
    pinned_post = models.ForeignKey(
        "LivePost",
        verbose_name=_("pinned post"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    head_updated_at = models.DateTimeField(
        _("head updated at"), default=timezone.now, editable=False
    )

    objects = ChannelManager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self):
        return self.channel_id


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


class LivePageMixin(models.Model):
    """Turns a page type into live pages, without a column in the page's own table."""

    _new_channel_id: str | None = None

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        result = super().save(*args, **kwargs)
        if self._new_channel_id is not None:
            Channel.objects.update_or_create(
                page_id=self.pk, defaults={"channel_id": self._new_channel_id}
            )
            self._new_channel_id = None
        return result

    @property
    def live_channel(self) -> Channel:
        """The page's channel, as it is in the database now; created when first asked."""
        return Channel.objects.for_page(self)

    @property
    def channel_id(self) -> str:
        """The public id of the page's channel; set it before saving the page."""
        if self._new_channel_id is None:
            if self.pk:
                return self.live_channel.channel_id
            self._new_channel_id = generate_channel_id()
        return self._new_channel_id

    @channel_id.setter
    def channel_id(self, value: str):
        self._new_channel_id = value or None

    @property
    def live_posts(self) -> LivePostQuerySet:
        """The posts that readers see, newest first."""
        if not self.pk:
            return LivePost.objects.none()
        return self.live_channel.posts.visible().newest_first()

    @property
    def last_updated_at(self) -> datetime:
        """When the page was last updated; naive where ``USE_TZ = False``."""
        return self.live_channel.last_updated_at

    @property
    def last_update_timestamp(self) -> float:
        """``last_updated_at`` in seconds since the epoch."""
        return cursors.to_timestamp(self.last_updated_at)

    def get_updates_since(self, last_update_ts: datetime) -> tuple[dict, list[str]]:
        """What changed after a cursor, and what is visible now.

        Returns ``(updated_posts, current_posts)``: a dict of post id to ``{"show": bool,
        "content": html, …}``, oldest change first, and the ids of all visible posts,
        oldest first.
        """
        from . import updates

        return updates.get_updates_since(self.live_channel, last_update_ts)

    def add_live_post(
        self,
        content: list | str,
        *,
        source: str = "",
        message_id: str = "",
        created: datetime | None = None,
        show: bool = True,
    ) -> LivePost:
        """Publish a post: ``content`` is a list of ``(block type, value)`` or a ``str`` of
        rich text, which is cleaned. A message that has a post already makes no other."""
        from . import posts

        return posts.publish(
            self.live_channel,
            content,
            source=source,
            message_id=message_id,
            created=created,
            show=show,
        )

    def update_live_post(
        self,
        post: LivePost,
        *,
        content: list | str | None = None,
        show: bool | None = None,
    ) -> LivePost:
        """Edit, hide or show a post of this page."""
        from . import posts

        return posts.edit(self.live_channel, post, content=content, show=show)

    def delete_live_post(self, post: LivePost) -> None:
        """Withdraw a post of this page for good."""
        from . import posts

        posts.delete(self.live_channel, post)

    def get_live_post_by_message_id(
        self, message_id: str, source: str = ""
    ) -> LivePost:
        """The post of a message; ``LivePost.DoesNotExist`` where there is none."""
        return self.live_channel.posts.get(source=source, message_id=message_id)

    def get_live_structured_data(self, data: dict, request=None) -> dict:
        """The schema.org ``LiveBlogPosting`` of the page; override it to add to it."""
        return data

    def get_sitemap_urls(self, request=None) -> list[dict]:
        urls = super().get_sitemap_urls(request)
        for url in urls:
            dates = [url.get("lastmod"), self.last_updated_at]
            url["lastmod"] = max(filter(None, dates))
        return urls

    def clean(self):
        super().clean()
        if self._new_channel_id is not None:
            self._clean_channel_id()

    def _clean_channel_id(self):
        if self.alias_of_id:
            raise ValidationError(
                gettext("An alias shows the channel of its source page.")
            )
        channel = Channel.objects.filter(page_id=self.pk).first() or Channel()
        channel.channel_id = self._new_channel_id
        try:
            channel.full_clean(exclude=["page"])
        except ValidationError as error:
            raise ValidationError(error.messages) from error


class LivePage(LivePageMixin, Page):
    """A page with a live blog: ``class MatchPage(LivePage)`` is a page type."""

    class Meta:
        abstract = True
