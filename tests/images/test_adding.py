"""Images become Wagtail images without personal metadata (I2 to I4)."""

import io

import pytest
from PIL import Image, ImageCms, ImageFile, ImageSequence
from PIL.PngImagePlugin import PngInfo
from wagtail.images import get_image_model

from tests.receivers.image_files import (
    GPS,
    MAKE,
    ORIENTATION,
    bomb,
    located,
    make_image,
)
from wagtail_live.images import (
    InvalidImage,
    add_image,
    conversion,
    find_format,
    formats,
)

FORMATS = ["JPEG", "PNG", "WEBP"]


def reopen(image):
    return Image.open(image.file.path)


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", [*FORMATS, "GIF"])
def test_a_file_becomes_an_image_of_the_site(file_format, django_user_model):
    ann = django_user_model.objects.create(username="ann")
    image = add_image(make_image(file_format), "IMG 1.HEIC", ann)
    assert (image.title, image.uploaded_by_user) == ("IMG 1.HEIC", ann)
    assert (image.width, image.height) == (60, 40)
    assert reopen(image).format == file_format
    assert get_image_model().objects.get() == image


@pytest.mark.django_db
@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("file_format", FORMATS)
def test_location_and_camera_are_removed(file_format, orientation):
    """I4: neither the original nor a rendition has metadata; the image is upright."""
    taken = make_image(file_format, exif=located(orientation))
    assert b"canary camera" in taken
    image = add_image(taken, "Goal")
    for file in (image.file, image.get_rendition("width-30").file):
        with file.open("rb") as opened:
            data = opened.read()
        exif = Image.open(io.BytesIO(data)).getexif()
        assert not {GPS, ORIENTATION, MAKE} & set(exif)
        assert b"canary" not in data
    assert (image.width, image.height) == ((60, 40) if orientation == 1 else (40, 60))


@pytest.mark.django_db
def test_comments_and_other_texts_are_removed():
    texts = PngInfo()
    texts.add_text("Comment", "canary", zip=False)
    texts.add_itxt("XML:com.adobe.xmp", "canary")
    for taken in (
        make_image("JPEG", comment=b"canary", xmp=b"canary"),
        make_image("PNG", pnginfo=texts),
        make_image("GIF", comment=b"canary"),
        make_image("WEBP", xmp=b"canary"),
    ):
        assert b"canary" in taken
        with add_image(taken, "Goal").file.open("rb") as opened:
            assert b"canary" not in opened.read()


@pytest.mark.django_db
def test_colours_keep_their_profile():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for file_format in FORMATS:
        image = add_image(make_image(file_format, icc_profile=profile), "Goal")
        assert reopen(image).info["icc_profile"] == profile


@pytest.mark.django_db
def test_the_second_image_of_a_phone_is_left_out():
    """An MPO is a JPEG followed by another, which has its own metadata."""
    second = Image.new("RGB", (60, 40), "blue")
    taken = make_image("MPO", exif=located(6), save_all=True, append_images=[second])
    image = add_image(taken, "Goal")
    assert (reopen(image).format, image.width, image.height) == ("JPEG", 40, 60)
    assert not {GPS, ORIENTATION, MAKE} & set(reopen(image).getexif())


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["GIF", "WEBP"])
def test_animations_are_kept(file_format):
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "lime", "blue")]
    output = io.BytesIO()
    frames[0].save(
        output, file_format, save_all=True, append_images=frames[1:], duration=80
    )
    moving = reopen(add_image(output.getvalue(), "Goal"))
    shown = [
        frame.convert("RGB").getpixel((9, 9))
        for frame in ImageSequence.Iterator(moving)
    ]
    assert [max(range(3), key=color.__getitem__) for color in shown] == [0, 1, 2]
    moving.seek(0)
    moving.load()
    assert moving.info["duration"] == 80


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        make_image("BMP"),
        make_image("TIFF"),
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"%PDF-1.7",
        b"SIMPLE  =                    T",
        b"",
    ],
)
def test_other_formats_are_not_opened(data, monkeypatch):
    """I2."""
    monkeypatch.setattr(Image, "open", None)
    assert find_format(data) is None
    with pytest.raises(InvalidImage):
        add_image(data, "Goal")


@pytest.mark.parametrize(
    "size", [(50_000, 50_000), (10_000, 5001), (1, 50_000_001), (1, 49_000_000)]
)
def test_bombs_are_not_decoded(size, monkeypatch):
    """I3: the limit is 50 megapixels, independent of the file size."""
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)
    with pytest.raises(InvalidImage, match=r"goal.png: .* (too|megapixels)"):
        add_image(bomb(*size), "goal.png")


def test_frames_count(monkeypatch):
    monkeypatch.setattr(conversion, "_decode", None)
    monkeypatch.setattr(formats, "MAX_PIXELS", 1000)
    output = io.BytesIO()
    frames = [Image.new("L", (20, 20), color) for color in (0, 99, 255)]
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(InvalidImage, match="megapixels"):
        add_image(output.getvalue(), "Goal")
    monkeypatch.setattr(formats, "MAX_FRAMES", 2)
    with pytest.raises(InvalidImage, match="frames"):
        add_image(output.getvalue(), "Goal")


@pytest.mark.parametrize("size", [(0, 9), (9, 0), (0, 0)])
def test_images_without_pixels_are_refused(size):
    with pytest.raises(InvalidImage, match="goal"):
        add_image(bomb(*size), "goal.png")


@pytest.mark.parametrize("file_format", [*FORMATS, "GIF", "AVIF"])
@pytest.mark.parametrize("kept", [0.05, 0.5, 0.95])
def test_truncated_images_are_refused(file_format, kept):
    noise = Image.effect_noise((200, 200), 60).convert("RGB")
    output = io.BytesIO()
    noise.save(output, file_format)
    whole = output.getvalue()
    with pytest.raises(InvalidImage, match=r"goal\.jpg: .*incomplete"):
        add_image(whole[: int(len(whole) * kept)], "goal.jpg")


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", FORMATS)
def test_the_content_decides_not_the_name(file_format):
    image = add_image(make_image(file_format), "goal.gif")
    assert image.file.name.endswith(formats.EXTENSIONS[file_format])
    assert reopen(image).format == file_format


@pytest.mark.django_db
def test_the_sites_image_form_can_refuse(settings):
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10
    with pytest.raises(InvalidImage, match="too big"):
        add_image(make_image(), "Goal")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "title", ["", "...", "../../etc/passwd", "<script>.php", "é" * 300]
)
def test_a_name_is_only_a_name(title):
    image = add_image(make_image(), title)
    assert image.file.name.startswith("original_images/")
    assert image.file.name.endswith(".jpg")
