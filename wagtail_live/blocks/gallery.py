"""Galleries: several images in a grid."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from ..renditions import (
    IMAGE_SPECS,
    find_animation,
    find_renditions,
    get_words,
    make_broken_rendition,
)
from .images import LiveImageBlock, get_alt

MAX_IMAGES = 50


class LiveGalleryBlock(blocks.ListBlock):
    """A grid of images, each with its caption and credit. A reader can look at them in
    full, one after the other."""

    def __init__(self, child_block=None, *, max_num=MAX_IMAGES, **kwargs):
        child_block = child_block or LiveImageBlock(label=_("Image"))
        super().__init__(child_block, min_num=1, max_num=max_num, **kwargs)

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        return {**context, "images": [show(image) for image in value if image]}

    class Meta:
        icon = "grid"
        label = _("Gallery")
        template = "wagtail_live/blocks/gallery.html"


def show(image: Any) -> dict[str, Any]:
    """Return what the grid and the full view show of an image."""
    animation = find_animation(image)
    found = [animation] if animation else find_renditions(image, *IMAGE_SPECS)
    sizes = found or [make_broken_rendition(image)]
    return {
        "small": sizes[0],
        "large": sizes[-1],
        "srcset": ", ".join(f"{one.url} {one.width}w" for one in found[:2]),
        "alt": get_alt(image),
        **get_words(image),
    }
