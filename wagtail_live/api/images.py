"""Images as the API takes and describes them."""

from __future__ import annotations

from typing import Any

from ..blocks import IMAGE_SPECS


def describe_image(image: Any) -> dict[str, Any] | None:
    """An image in a post, in the sizes that its page has."""
    if image is None:
        return None
    return {
        "image": image.pk,
        "alt_text": image.contextual_alt_text or "",
        "decorative": bool(image.decorative),
        "renditions": [
            {
                "url": rendition.full_url,
                "width": rendition.width,
                "height": rendition.height,
            }
            for rendition in _renditions(image)
        ],
    }


def _renditions(image: Any) -> list:
    try:
        return list(image.get_renditions(*IMAGE_SPECS).values())
    except OSError:
        return []  # its file is lost
