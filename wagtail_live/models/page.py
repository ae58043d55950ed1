"""The mixin that makes a page type live, and a base class with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms import Form
from django.http import Http404, HttpRequest
from django.utils.translation import gettext
from wagtail.blocks import StreamBlock
from wagtail.images.models import AbstractImage
from wagtail.models import Page
from wagtail.utils.decorators import cached_classmethod

from .. import cursors
from .channel import Channel, generate_channel_id, get_page_model
from .post import LivePost, LivePostQuerySet

MAX_SEARCHED = 500
IMAGE_FIELDS = {"search_image", "social_image", "lead_image"}


class LivePageMixin(models.Model):
    """Makes a page type live, without a column in the page type's own table."""

    _new_channel_id: str | None = None

    # The stage above the posts, and the form of its fields, such as a score.
    stage_template = "wagtail_live/live_blog/stage.html"
    stage_form_class: type[Form] | None = None

    # The blocks of the posts: a ``StreamBlock`` class or instance, or its dotted path.
    # ``None`` is the block of the site, ``WAGTAIL_LIVE_POST_BLOCK``.
    live_post_block: type[StreamBlock] | StreamBlock | str | None = None

    # Starting points for posts: a list of ``wagtail_live.presets.Preset``.
    live_presets: Sequence[Any] = ()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        # In one transaction, so that no reader is sent a page without a stage that was
        # stored, whatever is killed or published at once.
        with transaction.atomic(using=kwargs.get("using")):
            result = super().save(*args, **kwargs)
            if not self.alias_of_id:  # type: ignore[attr-defined]
                self._save_channel(is_whole=kwargs.get("update_fields") is None)
        return result

    def _save_channel(self, *, is_whole: bool) -> None:
        from .. import posts

        if self._new_channel_id is not None:
            channel, is_new = Channel.objects.update_or_create(
                page_id=self.pk, defaults={"channel_id": self._new_channel_id}
            )
            self._new_channel_id = None
        else:
            channel, is_new = Channel.objects.get_or_create(page_id=self.pk)
        if is_whole and self.live:  # type: ignore[attr-defined]
            posts.send_stage_if_changed(channel, is_new=is_new)

    @cached_classmethod
    def get_edit_handler(cls) -> Any:
        """The page's panels, and the panel of the live blog."""
        from ..admin.panels import add_live_blog_panel

        return add_live_blog_panel(super().get_edit_handler())  # type: ignore[misc]

    @property
    def live_channel(self) -> Channel:
        """The page's channel, read from the database; created if it does not exist."""
        return Channel.objects.for_page(self)

    def find_channel(self) -> Channel | None:
        """Return the page's channel, or ``None`` if it has none yet; never create one."""
        return Channel.objects.find_for_page(self) if self.pk else None

    @property
    def channel_id(self) -> str:
        """The public id of the page's channel; set it before saving the page."""
        if self._new_channel_id is None:
            if self.pk:
                return self.live_channel.channel_id
            self._new_channel_id = generate_channel_id()
        return self._new_channel_id

    @channel_id.setter
    def channel_id(self, value: str) -> None:
        self._new_channel_id = value or None

    @property
    def live_posts(self) -> LivePostQuerySet:
        """The posts that readers see, newest first."""
        channel = self.find_channel()
        if channel is None:
            return LivePost.objects.none()
        return channel.posts.visible().newest_first()

    def get_live_posts_text(self) -> str:
        """Return the text of the newest 500 visible posts, without markup, for the
        ``search_fields`` of the page type. Override it to index more or less."""
        posts = self.live_posts[:MAX_SEARCHED]
        return "\n".join(f"{post.title} {post.text}".strip() for post in posts)

    @property
    def last_updated_at(self) -> datetime | None:
        """The time of the last update, naive if ``USE_TZ = False``; ``None`` if the page
        has no channel yet."""
        channel = self.find_channel()
        return cursors.in_current_mode(channel.last_updated_at) if channel else None

    @property
    def last_update_timestamp(self) -> float | None:
        """``last_updated_at`` in seconds since the epoch."""
        cursor = self.last_updated_at
        return cursors.to_timestamp(cursor) if cursor else None

    def get_updates_since(self, last_update_ts: datetime) -> tuple[dict, list[str]]:
        """Return the changes after a cursor, and the ids of the visible posts.

        Returns ``(updated_posts, current_posts)``: a dict of post id to ``{"show": bool,
        "content": html, …}``, oldest change first, and the ids of all visible posts,
        oldest first.
        """
        from ..page import updates

        channel = self.find_channel()
        if channel is None:
            return {}, []
        since = cursors.to_aware(last_update_ts)
        return updates.get_updates_since(channel, since)

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
        rich text, which is cleaned. If the message already has a post, it is returned."""
        from .. import posts
        from ..permissions import SYSTEM

        return posts.publish(
            self.live_channel,
            content,
            source=source,
            message_id=message_id,
            created=created,
            show=show,
            actor=SYSTEM,
        )

    def update_live_post(
        self,
        post: LivePost,
        *,
        content: list | str | None = None,
        created: datetime | None = None,
        show: bool | None = None,
    ) -> LivePost:
        """Edit, move, hide or show a post of this page. ``created`` is the time that
        readers see; ``posts.InvalidTime`` if it is in the future, or before 1970."""
        from .. import posts
        from ..permissions import SYSTEM

        return posts.edit(
            self.live_channel,
            post,
            content=content,
            created=created or posts.UNCHANGED,
            show=show,
            actor=SYSTEM,
        )

    def delete_live_post(self, post: LivePost) -> None:
        """Delete a post of this page permanently."""
        from .. import posts
        from ..permissions import SYSTEM

        posts.delete(self.live_channel, post, actor=SYSTEM)

    def get_live_post_by_message_id(
        self, message_id: str, source: str = ""
    ) -> LivePost:
        """Return the post of a message, or raise ``LivePost.DoesNotExist``."""
        channel = self.find_channel()
        posts = channel.posts if channel else LivePost.objects.none()
        return posts.get(source=source, message_id=message_id)

    def touch_stage(self) -> None:
        """Send the stage to open pages again, after a change of what it shows. Publishing
        the page does that by itself."""
        from .. import posts
        from ..permissions import SYSTEM

        posts.touch_stage(self.live_channel, actor=SYSTEM)

    def update_stage(self, **values: Any) -> None:
        """Set fields of the stage; ``ValidationError`` if ``stage_form_class`` has other
        fields, or refuses a value."""
        from .. import posts
        from ..permissions import SYSTEM

        posts.update_stage(self.live_channel, values, actor=SYSTEM)

    def get_stage_fields(self, channel: Channel) -> list[Any]:
        """Return the fields of the stage of the page's channel."""
        from ..posts.stage import read_fields

        return read_fields(self, channel)

    def prepare_stage(self, channel: Channel) -> Any:
        """Render the stage for a change of the channel. Internal."""
        from ..page.updates import PreparedStage

        return PreparedStage(channel, self)

    def get_live_image(self) -> AbstractImage | None:
        """Return the image that stands for the page where it is shared, ``None`` without
        one. The default is that of the page type's first field for an image; a
        ``search_image``, ``social_image`` or ``lead_image`` goes before others."""
        names = [
            field.name
            for field in self._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
            and issubclass(field.related_model, AbstractImage)
        ]
        names.sort(key=lambda name: name not in IMAGE_FIELDS)
        return next(filter(None, (getattr(self, name) for name in names)), None)

    def get_live_structured_data(
        self, data: dict, request: HttpRequest | None = None
    ) -> dict:
        """Return the schema.org ``LiveBlogPosting`` of the page. Override it to extend it."""
        return data

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict]:
        urls = super().get_sitemap_urls(request)  # type: ignore[misc]
        if channel := self.find_channel():
            for url in urls:
                dates = filter(None, [url.get("lastmod"), channel.seen_updated_at])
                latest = max(map(cursors.to_aware, dates))
                url["lastmod"] = cursors.in_current_mode(latest)
        return urls

    def clean(self) -> None:
        super().clean()
        if self._new_channel_id is None:
            return
        if self.alias_of_id:  # type: ignore[attr-defined]
            raise ValidationError(
                gettext("An alias shows the channel of its source page.")
            )
        channel = self.find_channel() or Channel()
        channel.channel_id = self._new_channel_id
        try:
            channel.full_clean(exclude=["page"])
        except ValidationError as error:
            raise ValidationError(error.messages) from error


def get_live_page(page_id: int) -> Any:
    """Return a live page, or the source page of an alias; raise ``Http404`` otherwise."""
    page_model = get_page_model()
    page = page_model.objects.filter(pk=page_id).select_related("alias_of").first()
    if page is not None:
        page = (page.alias_of or page).specific
    if not isinstance(page, LivePageMixin):
        raise Http404
    return page


class LivePage(LivePageMixin, Page):
    """A page with a live blog: ``class MatchPage(LivePage)`` is a page type."""

    class Meta:
        abstract = True
