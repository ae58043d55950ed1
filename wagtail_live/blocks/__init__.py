"""The blocks of a live post."""

from ..renditions import IMAGE_SPECS, PREVIEW_SPECS
from .embeds import LiveEmbedBlock, StoredEmbedValue
from .images import (
    LiveImageBlock,
    LiveImageChooser,
    LiveImageChooserBlock,
    LiveImageComparison,
    get_alt,
    get_words,
)
from .post import LivePostBlock, register_block
from .tables import LiveTableBlock

__all__ = [
    "IMAGE_SPECS",
    "PREVIEW_SPECS",
    "LiveEmbedBlock",
    "LiveImageBlock",
    "LiveImageChooser",
    "LiveImageChooserBlock",
    "LiveImageComparison",
    "LivePostBlock",
    "LiveTableBlock",
    "StoredEmbedValue",
    "get_alt",
    "get_words",
    "register_block",
]
