"""All blocks of a post."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .embeds import LiveEmbedBlock
from .gallery import LiveGalleryBlock
from .images import LiveImageBlock
from .quotes import LiveQuoteBlock, LiveSponsoredBlock
from .tables import LiveTableBlock

WANTED = "must be a StreamBlock or the dotted path of one"
_registered: dict[str, type[blocks.Block]] = {}


def register_block(name: str, block_class: type[blocks.Block]) -> None:
    """Offer a block in all posts, unless the site has one of this name. Call it in
    ``AppConfig.ready``."""
    _registered[name] = block_class


class LivePostBlock(blocks.StreamBlock):
    """The blocks of a live post, and those that apps have registered. To offer more, name
    a subclass in the setting ``WAGTAIL_LIVE_POST_BLOCK``, or as ``live_post_block`` of a
    page type."""

    text = blocks.RichTextBlock(
        features=[
            *("h3", "h4", "bold", "italic", "link", "ol", "ul", "blockquote"),
            "strikethrough",
        ],
        template="wagtail_live/blocks/text.html",
        label=_("Text"),
    )
    image = LiveImageBlock(label=_("Image"))
    embed = LiveEmbedBlock(label=_("Embed"))
    table = LiveTableBlock()
    quote = LiveQuoteBlock()
    gallery = LiveGalleryBlock()
    sponsored = LiveSponsoredBlock()

    def __init__(self, local_blocks=None, **kwargs):
        taken = {*self.base_blocks, *dict(local_blocks or ())}
        added = [
            (name, new()) for name, new in _registered.items() if name not in taken
        ]
        super().__init__([*(local_blocks or ()), *added], **kwargs)


@lru_cache(maxsize=100)
def load_post_block(given: type[blocks.StreamBlock] | str) -> blocks.StreamBlock:
    """Return the block of posts for a ``StreamBlock`` class, or for the dotted path of one
    or of an instance; raise ``ImproperlyConfigured`` for anything else."""
    found: Any = given
    if isinstance(given, str):
        try:
            found = import_string(given)
        except (ImportError, AttributeError, ValueError) as error:
            raise ImproperlyConfigured(f"{WANTED}, not {given!r}: {error}") from None
    if isinstance(found, type) and issubclass(found, blocks.StreamBlock):
        found = found()
    if not isinstance(found, blocks.StreamBlock):
        raise ImproperlyConfigured(f"{WANTED}, not {given!r}.")
    found.set_meta_options({"required": True})
    return found
