"""Readers get renditions of every kind of image that is accepted."""

import io

import pytest
from django.core.files.storage import FileSystemStorage
from PIL import Image, ImageCms

from tests.images.test_conversion import (
    MODES,
    brightness,
    corners,
    encode,
    kinds,
    moving,
)
from wagtail_live.blocks import IMAGE_SPECS, PREVIEW_SPECS
from wagtail_live.images import add_image
from wagtail_live.renditions import find_animation, find_renditions

pytestmark = pytest.mark.django_db

SPECS = [*IMAGE_SPECS, *PREVIEW_SPECS, "max-165x165"]


def open_rendition(rendition):
    with rendition.file.open("rb") as file:
        image = Image.open(io.BytesIO(file.read()))
    image.load()
    return image


@pytest.mark.parametrize(("file_format", "mode"), kinds(*MODES))
def test_every_kind_of_image_has_renditions(file_format, mode):
    image = add_image(encode(corners(mode), file_format), "Goal")
    found = find_renditions(image, *SPECS)
    assert len(found) == len(SPECS)
    for rendition in found:
        shown = open_rendition(rendition)
        assert shown.width <= 64
        first, last = (brightness(shown, (1, y)) for y in (1, shown.height - 2))
        assert mode == "1" or first + 30 < last


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000), (20, 20_000)])
def test_extreme_shapes_have_renditions(size):
    image = add_image(encode(Image.new("L", size), "PNG"), "Goal")
    assert len(find_renditions(image, *SPECS)) == len(SPECS)


def test_an_animation_is_shown_as_it_is():
    first, *others = moving()
    options = {"save_all": True, "append_images": others, "duration": 50}
    for file_format in ("GIF", "WEBP", "PNG", "AVIF"):
        image = add_image(encode(first, file_format, **options), "Goal")
        shown = find_animation(image)
        assert shown.url == image.file.url
        assert (shown.width, shown.height) == (40, 30)
        assert open_rendition(shown).n_frames == 5
    for file_format in ("GIF", "WEBP", "PNG", "JPEG"):
        image = add_image(encode(corners(), file_format), "Goal")
        assert find_animation(image) is None


def test_an_animation_is_in_the_storage_of_images(monkeypatch):
    first, *others = moving()
    image = add_image(encode(first, "GIF", save_all=True, append_images=others), "Goal")
    storage = FileSystemStorage(base_url="/images-only/")
    monkeypatch.setattr(type(image).file.field, "storage", storage)
    image.refresh_from_db()
    assert image.file.url.startswith("/images-only/")
    assert find_animation(image).url == image.file.url


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_renditions_keep_the_profile(file_format):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = add_image(encode(corners(), file_format, icc_profile=profile), "Goal")
    shown = open_rendition(find_renditions(image, "width-30")[0])
    assert shown.info["icc_profile"] == profile
