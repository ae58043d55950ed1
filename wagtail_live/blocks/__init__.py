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
from .kept import Kept, KeptBlock, extend, restore
from .post import LivePostBlock, load_post_block, register_block
from .quotes import LiveQuoteBlock, LiveSponsoredBlock
from .tables import LiveTableBlock

__all__ = [
    "IMAGE_SPECS",
    "PREVIEW_SPECS",
    "Kept",
    "KeptBlock",
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
    "extend",
    "get_alt",
    "get_words",
    "load_post_block",
    "register_block",
    "restore",
]
