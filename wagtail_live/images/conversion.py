"""Images from outside as the site stores them: upright, without metadata, of a size that
renditions are quickly made of, and in a format that all browsers show."""

from __future__ import annotations

import threading
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from .formats import (
    EXTENSIONS,
    UNKNOWN_FORMAT,
    InvalidImage,
    count_frames,
    find_format,
    open_image,
)
from .metadata import is_lossless_webp, mark_transparent, strip_metadata

MAX_STORED_PIXELS = 25_000_000
MAX_SIDE = 16_383  # pixels, the limit of WebP
QUALITY = 90
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SCALES = (1, 2, 4, 8)
# Modes of which Pillow can't make a smaller image, or not a good one.
REDUCIBLE = {"1": "L", "LA": "RGBA", "PA": "RGBA", "I;16": "I"}
# Bounds the memory for all uploads of a process together.
decoders = threading.BoundedSemaphore(2)


def clean_image(data: bytes, max_size: int | None = None) -> tuple[bytes, str]:
    """Return the image and its format. Raise ``InvalidImage`` if it can't be decoded.

    An image that is upright, not too large and in a common format keeps its pixels as they
    are. Others are encoded again, and scaled down if they have more pixels than
    ``MAX_STORED_PIXELS`` or ``WAGTAILIMAGES_MAX_IMAGE_PIXELS``, or more than ``max_size``
    bytes.
    """
    file_format = find_format(data)
    if file_format is None:
        raise InvalidImage(UNKNOWN_FORMAT)
    with decoders:
        return _clean(data, file_format, max_size)


def _clean(data: bytes, file_format: str, max_size: int | None) -> tuple[bytes, str]:
    with open_image(data, file_format) as image:
        size, is_animated = image.size, count_frames(image) > 1
        is_changed = file_format not in EXTENSIONS or _orientation(image) != 1
        if is_animated and (is_changed or file_format == "PNG"):
            return _encode_animation(image), "WEBP"
        is_changed |= not is_animated and _is_large(*size)
        if not is_changed:
            _decode(image)
            cleaned = _strip(data, file_format, count_frames(image))
            if is_animated or not max_size or len(cleaned) <= max_size:
                return cleaned, file_format
    return _encode_smaller(data, file_format, size, max_size)


def _strip(data: bytes, file_format: str, frames: int) -> bytes:
    cleaned = strip_metadata(data, file_format)
    with open_image(cleaned, file_format) as image:
        if count_frames(image) != frames:
            raise ValueError("Frames are missing.")
    return cleaned


def _is_large(width: int, height: int) -> bool:
    of_site = getattr(settings, "WAGTAILIMAGES_MAX_IMAGE_PIXELS", None)
    limit = min(of_site or MAX_STORED_PIXELS, MAX_STORED_PIXELS)
    return width * height > limit or max(width, height) > MAX_SIDE


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # metadata that nobody can read
        return 1


def _decode(image: Image.Image) -> None:
    """Decode all frames, so that a damaged file is found."""
    image.draft(None, _scaled(image.size, SCALES[-1]))  # only for JPEG
    for number in range(count_frames(image)):
        image.seek(number)
        image.load()


def _encode_smaller(
    data: bytes, file_format: str, size: tuple[int, int], max_size: int | None
) -> tuple[bytes, str]:
    """Encode the image at the largest scale at which it is not too large."""
    scales = [scale for scale in SCALES if not _is_large(*_scaled(size, scale))]
    if not scales:
        raise InvalidImage(_("The image is too wide or too high."))
    for scale in scales:
        with open_image(data, file_format) as image:
            result, options = _convert(image, file_format, scale)
            if file_format == "WEBP":
                options |= {"lossless": is_lossless_webp(data), "quality": QUALITY}
            output = BytesIO()
            result.save(output, **options)
        if not max_size or output.tell() <= max_size:
            break
    return output.getvalue(), options["format"]


def _scaled(size: tuple[int, int], scale: int) -> tuple[int, int]:
    width, height = size
    return -(-width // scale), -(-height // scale)


def _convert(
    image: Image.Image, file_format: str, scale: int
) -> tuple[Image.Image, dict[str, Any]]:
    """Return the upright image, smaller by ``scale``, and the options to save it."""
    options: dict[str, Any] = {}
    if profile := image.info.get("icc_profile"):
        options["icc_profile"] = profile
    if file_format == "JPEG":
        options |= {"quality": QUALITY, "subsampling": get_sampling(image)}
    orientation, size = _orientation(image), _scaled(image.size, scale)
    image.draft(None, size)
    result = _reduce(image, round(max(image.size) / max(size)))
    result = _turn(result, orientation)
    if file_format not in EXTENSIONS:
        if _is_transparent(result):
            file_format = "PNG"
        else:
            file_format, options["quality"] = "JPEG", QUALITY
            result = _to_eight_bits(result)
    if "transparency" in result.info:
        options["transparency"] = result.info["transparency"]
    result.info = {}
    return result, options | {"format": file_format}


def _reduce(image: Image.Image, factor: int) -> Image.Image:
    if factor <= 1:
        return image
    has_transparency = "transparency" in image.info
    if image.mode == "P" or has_transparency:
        image = image.convert("RGBA" if has_transparency else "RGB")
    elif image.mode in REDUCIBLE:
        image = image.convert(REDUCIBLE[image.mode])
    if image.mode == "RGBA":  # transparent pixels must not lend their colour
        return image.convert("RGBa").reduce(factor).convert("RGBA")
    reduced = image.reduce(factor)
    return reduced.convert("I;16") if image.mode == "I" else reduced


def _to_eight_bits(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "I;16"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image if image.mode == "L" else image.convert("RGB")


def _is_transparent(image: Image.Image) -> bool:
    if not image.has_transparency_data:
        return False
    return any(image.convert("RGBA").getchannel("A").histogram()[:255])


def _encode_animation(image: Image.Image) -> bytes:
    """Return the frames as a WebP, upright and each complete: Wagtail can't read an
    animated PNG, and not all browsers an AVIF."""
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    options |= {"lossless": True} if image.format == "PNG" else {"quality": QUALITY}
    # Shown only by software that doesn't know about animations.
    skipped = int(image.info.get("default_image", False))
    frames, durations = [], []
    for number in range(skipped, count_frames(image)):
        image.seek(number)
        image.load()  # reads the duration
        durations.append(round(image.info.get("duration", 100)))
        frame = image.convert("RGBA")
        frame.info = {}
        frames.append(_turn(frame, orientation))
    output = BytesIO()
    loop = image.info.get("loop", 0)
    options |= {"save_all": True, "append_images": frames[1:]}
    frames[0].save(output, "WEBP", duration=durations, loop=loop, **options)
    if any(map(_is_transparent, frames)):
        return mark_transparent(output.getvalue())
    return output.getvalue()


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image
