"""All blocks of a post."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .embeds import LiveEmbedBlock
from .gallery import LiveGalleryBlock
from .images import LiveImageBlock
from .quotes import LiveQuoteBlock, LiveSponsoredBlock
from .tables import LiveTableBlock

_registered: dict[str, type[blocks.Block]] = {}


def register_block(name: str, block_class: type[blocks.Block]) -> None:
    """Offer a block in all posts, unless the site has one of this name. Call it in
    ``AppConfig.ready``."""
    _registered[name] = block_class


class LivePostBlock(blocks.StreamBlock):
    """The blocks of a live post, and those that apps have registered. To offer more, name
    a subclass in the setting ``WAGTAIL_LIVE_POST_BLOCK``."""

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
