"""The images that readers get, and their alt texts. An image that is missing or damaged, as
after a database was restored without its files, never stops the others."""

from __future__ import annotations

import logging
import re
from pathlib import PurePath
from typing import Any

from django.db import DatabaseError
from django.utils.text import slugify
from PIL import Image
from wagtail.images.models import AbstractRendition

logger = logging.getLogger("wagtail_live.images")

IMAGE_SPECS = ("width-480", "width-960", "width-1440")
PREVIEW_SPECS = ("fill-1200x1200", "fill-1200x900", "fill-1200x675")
ANIMATED = {".gif", ".webp"}
MAX_KNOWN = 1000
EXTENSION = re.compile(r"\.(avif|bmp|gif|hei[cf]|jpe?g|png|svg|tiff?|webp)$", re.I)
STORED_SUFFIX = re.compile(
    "[_-][a-z0-9]{7}$"
)  # Django's, if a file has the name already
MIN_CUT_LENGTH = 60  # of the name of a file, which storages cut
UNNAMED = "image"  # a file whose name has no Latin letter
_known: dict[tuple, bool] = {}
_reported: set[Any] = set()


def find_renditions(image: Any, *specs: str) -> list[AbstractRendition]:
    """Return the renditions, none if the file of the image is missing or damaged."""
    try:
        return list(image.get_renditions(*specs).values())
    except DatabaseError:
        raise
    except Exception as error:  # decoders raise anything
        report_broken(image, error)
        return []


def find_animation(image: Any) -> AbstractRendition | None:
    """Return an animated image as it is, because Pillow's renditions don't move."""
    if not is_animated(image):
        return None
    rendition = _make_rendition(image, image.file.name, image.width, image.height)
    rendition.file.storage = image.file.storage  # renditions may have another one
    return rendition


def make_broken_rendition(image: Any) -> AbstractRendition:
    """Return what Wagtail's own tags show for a file that is missing."""
    return _make_rendition(image, "not-found", 0, 0)


def _make_rendition(image: Any, name: str, width: int, height: int):
    rendition = image.get_rendition_model()(image=image, width=width, height=height)
    rendition.file.name = name
    return rendition


def report_broken(image: Any, error: Exception) -> None:
    """Log the error, once for each image and process: a page may have many of them."""
    if image.pk in _reported:
        return
    if len(_reported) >= MAX_KNOWN:
        _reported.clear()
    _reported.add(image.pk)
    logger.warning("Image %s can't be shown: %s", image.pk, type(error).__name__)


def is_animated(image: Any) -> bool:
    """Return whether the image has several frames. Each process opens the file once."""
    name = image.file.name or ""
    if PurePath(name).suffix.lower() not in ANIMATED:
        return False
    key = image.pk, name, image.file_hash, image.file_size
    if key not in _known:
        if len(_known) >= MAX_KNOWN:
            _known.clear()
        _known[key] = _has_frames(image)
    return _known[key]


def _has_frames(image: Any) -> bool:
    try:
        with image.open_file() as file, Image.open(file) as opened:
            return getattr(opened, "is_animated", False)
    except Exception as error:  # decoders raise anything
        report_broken(image, error)
        return False


def find_alt_text(image: Any) -> str:
    """Return the alt text of the library's image, ``""`` if it is only the name of a file.

    Wagtail takes the title where an image has no description, and the title is the file's
    name unless somebody has changed it.
    """
    text = image.default_alt_text or ""
    return "" if is_file_name(text, image.file.name) else text


def get_words(image) -> dict[str, str]:
    """Return the caption and the credit of an image in a post."""
    return {
        "caption": getattr(image, "live_caption", ""),
        "credit": getattr(image, "live_credit", ""),
    }


def is_file_name(text: str, stored_name: str) -> bool:
    """Return whether a text is the name of the file that was stored under a name."""
    if EXTENSION.search(text.strip()):
        return True
    wanted = slugify(text)
    stem = slugify(PurePath(stored_name).stem)
    names = {stem, STORED_SUFFIX.sub("", stem)}
    is_cut = len(stem) >= MIN_CUT_LENGTH and wanted.startswith(stem)
    return is_cut or (wanted or UNNAMED) in names
