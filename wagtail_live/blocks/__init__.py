"""The blocks of a live post."""

from ..renditions import IMAGE_SPECS, PREVIEW_SPECS, get_words
from .embeds import LiveEmbedBlock, StoredEmbedValue, describe_embed
from .gallery import LiveGalleryBlock
from .images import (
    LiveImageBlock,
    LiveImageChooser,
    LiveImageChooserBlock,
    LiveImageComparison,
    describe_image,
    get_alt,
)
from .post import LivePostBlock, register_block
from .quotes import LiveQuoteBlock, LiveSponsoredBlock
from .tables import LiveTableBlock

__all__ = [
    "IMAGE_SPECS",
    "PREVIEW_SPECS",
    "LiveEmbedBlock",
    "LiveGalleryBlock",
    "LiveImageBlock",
    "LiveImageChooser",
    "LiveImageChooserBlock",
    "LiveImageComparison",
    "LivePostBlock",
    "LiveQuoteBlock",
    "LiveSponsoredBlock",
    "LiveTableBlock",
    "StoredEmbedValue",
    "describe_embed",
    "describe_image",
    "get_alt",
    "get_words",
    "register_block",
]
