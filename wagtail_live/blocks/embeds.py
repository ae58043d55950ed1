"""Embeds by their URL."""

from django.utils.functional import cached_property
from wagtail import blocks
from wagtail.embeds.blocks import EmbedBlock, EmbedValue
from wagtail.embeds.embeds import get_embed, get_embed_hash
from wagtail.embeds.exceptions import EmbedException
from wagtail.embeds.models import Embed


class StoredEmbedValue(EmbedValue):
    """An embed that was resolved when its post was written.

    Rendering never requests it from the provider, which may take ten seconds: an embed
    that could not be resolved is shown as a link.
    """

    is_tried = False

    def resolve(self):
        """Request an embed that isn't stored from its provider, once (up to 10 s); if that
        fails, it is a link."""
        if self.is_tried or self.stored is not None:
            return
        self.is_tried = True
        try:
            self.stored = get_embed(self.url, self.max_width, self.max_height)
        except (EmbedException, OSError, ValueError):
            self.stored = None

    @property
    def hash(self) -> str:
        return get_embed_hash(self.url, self.max_width, self.max_height)

    @cached_property
    def stored(self) -> Embed | None:
        return Embed.objects.filter(hash=self.hash).first()


class LiveEmbedBlock(EmbedBlock):
    """An embed by its URL: resolved when its post is written, a link if that fails."""

    def to_python(self, value):
        if not value:
            return None
        return StoredEmbedValue(
            value,
            getattr(self.meta, "max_width", None),
            getattr(self.meta, "max_height", None),
        )

    value_from_form = to_python

    def normalize(self, value):
        if isinstance(value, StoredEmbedValue):
            return value
        return self.to_python(getattr(value, "url", value))

    def clean(self, value):
        return blocks.URLBlock.clean(self, value)

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        context["embed"] = value.stored
        return context

    class Meta:
        template = "wagtail_live/blocks/embed.html"
