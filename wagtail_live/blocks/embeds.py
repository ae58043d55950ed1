"""Embeds by their URL."""

import logging
from hashlib import md5
from typing import Any
from urllib.parse import urljoin

from django.core.files.storage import default_storage
from django.utils.functional import cached_property
from wagtail import blocks
from wagtail.embeds.blocks import EmbedBlock, EmbedValue
from wagtail.embeds.embeds import get_embed_hash
from wagtail.embeds.models import Embed

from .. import mastodon
from ..outbound import RequestFailed

logger = logging.getLogger("wagtail_live.embeds")


def get_card_hash(url: str) -> str:
    """Return the hash of a card, which is apart from the embed of the same URL: Wagtail
    would show a card elsewhere as an empty embed."""
    return md5(f"wagtail_live card {url}".encode()).hexdigest()  # noqa: S324


class StoredEmbedValue(EmbedValue):
    """An embed that was requested after its post was written.

    Rendering never requests it from the provider, which may take ten seconds: until it is
    stored, it is shown as a link.
    """

    is_tried = False
    is_worth_retrying = False

    def resolve(self) -> None:
        """Request what isn't stored, an embed or else a card of the page, once (up to some
        ten seconds each); if that fails, it is a link."""
        from ..embeds import find

        if self.is_tried or self.stored is not None:
            return
        self.is_tried = True
        try:
            self.stored = find(self.url, self.max_width, self.max_height)
        except RequestFailed as failed:
            self.is_worth_retrying = not failed.is_final
        except Exception:  # the database, or whatever a provider's answer causes
            logger.exception("An embed can't be found.")
            self.is_worth_retrying = True

    @property
    def hash(self) -> str:
        return get_embed_hash(self.url, self.max_width, self.max_height)

    @property
    def hashes(self) -> list[str]:
        """The hashes of the embed, and of the card that is shown without it."""
        return [self.hash, get_card_hash(self.url)]

    @cached_property
    def stored(self) -> Embed | None:
        return self.choose(Embed.objects.in_bulk(self.hashes, field_name="hash"))

    def choose(self, found: dict[str, Embed]) -> Embed | None:
        """Return the stored embed among others by their hashes, or else the card."""
        embed, card = map(found.get, self.hashes)
        if card and not (embed and embed.html):
            embed = card
        return embed and mastodon.replace_html(embed, self.url)


def has_copy(embed: Embed) -> bool:
    """Return whether the image of an embed is a copy in the storage, as that of a card."""
    return embed.hash == get_card_hash(embed.url) and bool(embed.thumbnail_url)


def get_image_url(embed: Embed) -> str:
    """Return the URL of an embed's image: at the provider, or of the copy for a card."""
    if not has_copy(embed):
        return embed.thumbnail_url or ""
    return default_storage.url(embed.thumbnail_url)


def describe_embed(value: StoredEmbedValue, base_url: str) -> dict[str, Any] | None:
    """Describe an embed or a card with absolute URLs; ``None`` until it is found."""
    stored = value.stored
    if stored is None:
        return None
    image = get_image_url(stored)
    return {
        "url": value.url,
        "type": stored.type,  # ``link`` for a card
        "title": stored.title,
        "site": stored.provider_name,
        "author": stored.author_name,
        "image": urljoin(base_url, image) if image else None,
        "html": stored.html or None,
        "width": stored.width,
        "height": stored.height,
    }


class LiveEmbedBlock(EmbedBlock):
    """An embed by its URL: a link until it is found, or a card of the page."""

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
        stored = context["embed"] = value.stored
        if stored and has_copy(stored):
            context["card_image"] = get_image_url(stored)
        return context

    class Meta:
        template = "wagtail_live/blocks/embed.html"
