"""Images from outside, which are stored without metadata such as GPS positions."""

from __future__ import annotations

from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.text import slugify
from PIL import Image, ImageOps, ImageSequence
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form
from wagtail.models import Collection

from .text import normalise_line

MAX_PIXELS = 40_000_000  # of all frames together
MAX_FRAMES = 500
FORMATS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
JPEG_QUALITY = 90
# Metadata without which an image looks wrong.
KEPT = {"duration", "icc_profile", "loop", "transparency", "background", "disposal"}


class InvalidImage(Exception):
    """A file that is not a valid image, with the reason."""


def get_image_permissions():
    """Return the permission policy of images, on Wagtail 7 and 8."""
    try:
        from wagtail.permissions import policy_registry
    except ImportError:
        from wagtail.images.permissions import permission_policy

        return permission_policy
    return policy_registry.get_by_type(get_image_model())


def find_format(data: bytes) -> str | None:
    """Return the format of an image by its first bytes, if it is one of ``FORMATS``."""
    start = bytes(data[:16])
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "WEBP"
    return None


def add_image(data: bytes, title: str, user: Any = None):
    """Save an image of the site's image model in the root collection.

    Raise ``InvalidImage`` for a file that is not an image, is too large or is refused by
    Wagtail's image form.
    """
    form = prepare_image(data, title, user)
    with transaction.atomic():
        return form.save()


def prepare_image(data: bytes, title: str, user: Any = None):
    """Return a valid form whose ``save`` adds the image; see ``add_image``."""
    file_format = find_format(data)
    if file_format is None:
        raise InvalidImage("The image must be a JPEG, PNG, GIF or WebP.")
    cleaned = strip_metadata(data, file_format)
    title = normalise_line(title)
    stem = slugify(PurePath(title).stem)[:80] or "image"
    upload = SimpleUploadedFile(f"{stem}.{FORMATS[file_format]}", cleaned)
    image = get_image_model()(uploaded_by_user=user)
    form = get_image_form(get_image_model())(
        {
            "title": title[:255] or stem,
            "collection": Collection.get_first_root_node().pk,
        },
        {"file": upload},
        instance=image,
    )
    if not form.is_valid():
        errors = [str(error) for errors in form.errors.values() for error in errors]
        raise InvalidImage(" ".join(errors))
    return form


def strip_metadata(data: bytes, file_format: str) -> bytes:
    """Return the image with its orientation applied and without its metadata."""
    try:
        with Image.open(BytesIO(data), formats=[file_format]) as image:
            frames = getattr(image, "n_frames", 1)
            pixels = image.width * image.height * frames
            if pixels > MAX_PIXELS or frames > MAX_FRAMES:
                limit = MAX_PIXELS // 1_000_000
                raise InvalidImage(f"The image has more than {limit} megapixels.")
            return _encode(image, file_format)
    except InvalidImage:
        raise
    except Exception as error:  # decoders raise anything
        reason = f"The image is damaged or too large ({type(error).__name__})."
        raise InvalidImage(reason) from error


def _encode(image: Image.Image, file_format: str) -> bytes:
    output = BytesIO()
    if file_format == "JPEG":
        _encode_jpeg(image, output)
    else:
        first, *others = [
            _strip_frame(frame) for frame in ImageSequence.Iterator(image)
        ]
        options: dict[str, Any] = dict(first.info)
        if others:
            durations = [frame.info.get("duration", 100) for frame in (first, *others)]
            options |= {"save_all": True, "append_images": others}
            options["duration"] = durations
        if file_format == "WEBP":
            options["quality"] = JPEG_QUALITY
        first.save(output, file_format, **options)
    return output.getvalue()


def _encode_jpeg(image: Image.Image, output: BytesIO) -> None:
    """Save the image; of an MPO file, which has several, only the first is kept."""
    turned = ImageOps.exif_transpose(image)
    is_upright = turned.size == image.size and image.getexif().get(0x0112, 1) == 1
    result = image if is_upright and image.format == "JPEG" else turned
    profile = image.info.get("icc_profile")
    result.info = {}
    quality = "keep" if result is image else JPEG_QUALITY
    result.save(output, "JPEG", quality=quality, icc_profile=profile)


def _strip_frame(frame: Image.Image) -> Image.Image:
    """Return a copy of a frame with its orientation applied."""
    frame.load()  # reads the duration
    info = {key: value for key, value in frame.info.items() if key in KEPT}
    turned = ImageOps.exif_transpose(frame)
    result = turned if turned is not frame else frame.copy()
    result.info = info
    result.getexif().clear()
    return result
