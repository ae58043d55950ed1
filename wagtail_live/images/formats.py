"""The formats of images: found by their first bytes, opened by Pillow within limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

MAX_PIXELS = 50_000_000  # that are decoded, of all frames together
MAX_FRAMES = 500
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
# In the format of ISO media. A file of the last two may be an AVIF, too.
BRANDS = {b"avif": "AVIF", b"avis": "AVIF"}
BRANDS |= dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "HEIF")
BRANDS |= dict.fromkeys((b"mif1", b"msf1"), "HEIF")
MIME_TYPES = {
    *("image/jpeg", "image/jpg", "image/png", "image/apng", "image/gif", "image/webp"),
    *("image/avif", "image/heic", "image/heif"),
    *("image/heic-sequence", "image/heif-sequence"),
}
UNKNOWN_FORMAT = gettext_lazy(
    "The image must be a JPEG, PNG, GIF, WebP, AVIF or HEIC file."
)


class InvalidImage(Exception):
    """A file that is not a valid image, with the reason."""


def find_format(data: bytes) -> str | None:
    """Return the format of an image by its first 16 bytes, ``None`` for other files."""
    start = bytes(data[:16])
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        return BRANDS.get(start[8:12])
    return None


@contextmanager
def open_image(data: bytes, file_format: str) -> Iterator[Image.Image]:
    """Open an image that is not too large. Raise ``InvalidImage`` for what Pillow raises,
    then and later, because decoders raise anything."""
    formats = [file_format]
    if file_format == "HEIF":
        formats = ["HEIF", "AVIF"] if can_read_heif() else ["AVIF"]
    try:
        with Image.open(BytesIO(data), formats=formats) as image:
            check_size(image)
            yield image
    except InvalidImage:
        raise
    except Image.DecompressionBombError:
        raise InvalidImage(_("The image has too many pixels.")) from None
    except Exception as error:
        if file_format == "HEIF" and not can_read_heif():
            reason = _("This site can't read HEIC images. Send the image as a JPEG.")
        else:
            reason = _("The image is damaged or incomplete.")
        raise InvalidImage(reason) from error


def check_size(image: Image.Image) -> None:
    """Raise ``InvalidImage`` for an image that is empty or would need much memory."""
    pixels, frames = image.width * image.height, count_frames(image)
    if not pixels:
        raise InvalidImage(_("The image is empty."))
    if frames > MAX_FRAMES:
        raise InvalidImage(
            _("The image has more than %(limit)s frames.") % {"limit": MAX_FRAMES}
        )
    if pixels * frames > MAX_PIXELS and not can_draft(image):
        limit = MAX_PIXELS // 1_000_000
        raise InvalidImage(
            _("The image has more than %(limit)s megapixels.") % {"limit": limit}
        )


def count_frames(image: Image.Image) -> int:
    """Return the number of frames: of files with several images only the main one counts."""
    if image.format in ("JPEG", "MPO", "HEIF"):
        return 1
    return getattr(image, "n_frames", 1)


def can_draft(image: Image.Image) -> bool:
    """Return whether Pillow can decode the image at a smaller size, in little memory."""
    # The coefficients of a progressive JPEG are decoded at full size in any case.
    return image.format in ("JPEG", "MPO") and not image.info.get("progressive")


@cache
def can_read_heif() -> bool:
    """Register pillow-heif, the extra ``heic``. Return whether it is installed."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True
