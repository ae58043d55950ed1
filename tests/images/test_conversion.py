"""Images keep what they look like, and are stored at a size and in a format for the web."""

import io
import subprocess
import sys

import pytest
from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo

from tests.receivers.image_files import located
from wagtail_live.images import conversion, formats
from wagtail_live.images.conversion import clean_image
from wagtail_live.images.formats import InvalidImage

MODES = {
    "JPEG": ["L", "RGB", "CMYK"],
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "GIF": ["1", "L", "P"],
    "WEBP": ["RGB", "RGBA"],
    "AVIF": ["L", "RGB", "RGBA"],
    "HEIF": ["L", "RGB", "RGBA", "I;16"],
}


def kinds(*file_formats):
    return [(name, mode) for name in file_formats for mode in MODES[name]]


def encode(image, file_format, **options):
    output = io.BytesIO()
    image.save(output, file_format, **options)
    return output.getvalue()


def reopen(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def corners(mode="RGB"):
    """Return an image whose first corner is blue, and the rest red; or of two greys."""
    if mode == "I;16":
        dark, bright = (grey.to_bytes(2, "little") * 32 for grey in (1000, 50_000))
        pixels = (dark + bright) * 16 + (bright + bright) * 16
        return Image.frombytes(mode, (64, 32), pixels)
    image = Image.new("RGB", (64, 32), "red")
    image.paste("blue", (0, 0, 32, 16))
    return image.convert(mode)


def brightness(image, place):
    """Return the red, or the grey, of a pixel from 0 to 255."""
    if image.mode.startswith("I"):
        return image.getpixel(place) / 256
    return image.convert("RGB").getpixel(place)[0]


def moving(size=(40, 30)):
    """Return frames in which a square moves over a transparent ground."""
    frames = []
    for number in range(5):
        frame = Image.new("RGBA", size, (0, 0, 0, 0))
        corner = number * 4
        frame.paste(
            (number * 50, 99, 200, 255), (corner, corner, corner + 9, corner + 9)
        )
        frames.append(frame)
    return frames


def play(data):
    """Return what is seen of each frame, and for how long."""
    image = Image.open(io.BytesIO(data))
    seen = []
    for number in range(image.n_frames):
        image.seek(number)
        image.load()
        shown = image.convert("RGBA")
        clear = Image.new("RGBA", image.size, (0, 0, 0, 0))
        pixels = Image.composite(shown, clear, shown.getchannel("A")).tobytes()
        seen.append((pixels, round(image.info["duration"])))
    return seen, image.info.get("loop")


@pytest.mark.parametrize(("file_format", "mode"), kinds("JPEG", "PNG", "GIF", "WEBP"))
def test_pixels_stay_as_they_are(file_format, mode):
    sent = encode(corners(mode), file_format)
    stored, stored_format = clean_image(sent)
    assert stored_format == file_format
    assert reopen(stored).mode == reopen(sent).mode
    assert reopen(stored).tobytes() == reopen(sent).tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("file_format", "mode"), kinds("JPEG", "PNG", "WEBP", "AVIF"))
def test_images_stand_upright(file_format, mode, orientation):
    sent = encode(corners(mode), file_format, exif=located(orientation))
    expected = ImageOps.exif_transpose(reopen(sent))
    stored = reopen(clean_image(sent)[0])
    assert stored.size == expected.size
    right, bottom = stored.width - 5, stored.height - 5
    for place in [(4, 4), (right, 4), (4, bottom), (right, bottom)]:
        assert abs(brightness(stored, place) - brightness(expected, place)) < 30


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_of_an_iphone_stand_upright(orientation):
    """An HEIC names its orientation twice; libheif has turned it already."""
    assert formats.can_read_heif()
    exif = located(orientation)
    expected = ImageOps.exif_transpose(reopen(encode(corners(), "PNG", exif=exif)))
    sent = encode(corners(), "HEIF", exif=exif.tobytes())
    assert orientation == 1 or b"irot" in sent or b"imir" in sent
    stored = reopen(clean_image(sent)[0])
    assert stored.size == expected.size
    right, bottom = stored.width - 5, stored.height - 5
    for place in [(4, 4), (right, 4), (4, bottom), (right, bottom)]:
        assert abs(brightness(stored, place) - brightness(expected, place)) < 30


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        *(("GIF", {"disposal": disposal}) for disposal in range(4)),
        ("WEBP", {"lossless": True}),
        ("PNG", {"disposal": 0, "blend": 0}),
        ("PNG", {"disposal": 1, "blend": 1}),
        ("PNG", {"disposal": 2, "blend": 1}),
    ],
)
@pytest.mark.parametrize("loop", [0, 3])
def test_animations_play_as_before(file_format, options, loop):
    """Frames, their durations and the number of loops; each over the right ground."""
    first, *others = moving()
    durations = [50, 60, 70, 80, 90]
    options = {"save_all": True, "append_images": others, **options}
    sent = encode(first, file_format, duration=durations, loop=loop, **options)
    stored, _ = clean_image(sent)
    assert play(stored) == play(sent)
    assert [duration for _, duration in play(stored)[0]] == durations


def test_the_image_for_old_software_is_no_frame():
    first, *others = moving()
    options = {"save_all": True, "append_images": others, "default_image": True}
    sent = encode(first, "PNG", duration=[50, 60, 70, 80], **options)
    assert len(play(clean_image(sent)[0])[0]) == 4


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_animations_stand_upright(file_format):
    first, *others = moving()
    options = {"save_all": True, "append_images": others, "exif": located(6)}
    sent = encode(first, file_format, duration=50, **options)
    stored, _ = clean_image(sent)
    assert Image.open(io.BytesIO(stored)).size == (30, 40)
    assert b"canary" not in stored


def test_an_animated_avif_becomes_a_webp():
    first, *others = moving()
    options = {"save_all": True, "append_images": others}
    sent = encode(first, "AVIF", duration=[50, 60, 70, 80, 90], **options)
    stored, file_format = clean_image(sent)
    assert file_format == "WEBP"
    assert [duration for _, duration in play(stored)[0]] == [50, 60, 70, 80, 90]


@pytest.mark.parametrize("file_format", ["AVIF", "HEIF"])
def test_formats_of_phones_become_jpeg(file_format):
    assert formats.can_read_heif()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    sent = encode(corners(), file_format, exif=located(1), icc_profile=profile)
    stored, stored_format = clean_image(sent)
    image = reopen(stored)
    assert (stored_format, image.format, image.size) == ("JPEG", "JPEG", (64, 32))
    assert image.info["icc_profile"] == profile
    assert b"canary" not in stored
    assert image.getpixel((4, 4))[2] > 200
    assert image.getpixel((60, 28))[0] > 200


@pytest.mark.parametrize("file_format", ["AVIF", "HEIF"])
def test_transparency_is_kept(file_format):
    sent = encode(Image.new("RGBA", (64, 64), (255, 0, 0, 90)), file_format)
    stored, stored_format = clean_image(sent)
    assert stored_format == "PNG"
    assert abs(reopen(stored).getpixel((9, 9))[3] - 90) < 9


def test_heic_needs_an_extra(monkeypatch):
    sent = encode(corners(), "HEIF")
    monkeypatch.setattr(formats, "can_read_heif", lambda: False)
    with pytest.raises(InvalidImage, match="can't read HEIC"):
        clean_image(sent)


@pytest.mark.parametrize(("file_format", "mode"), kinds(*MODES))
def test_large_images_are_scaled_down(file_format, mode, monkeypatch):
    monkeypatch.setattr(conversion, "MAX_STORED_PIXELS", 64 * 32 // 4)
    sent = reopen(data := encode(corners(mode), file_format))
    stored = reopen(clean_image(data)[0])
    assert stored.size == (32, 16)
    for x, y in [(4, 4), (28, 12)]:
        difference = brightness(stored, (x, y)) - brightness(sent, (x * 2, y * 2))
        assert abs(difference) < (70 if mode == "1" else 40)  # black and white


def test_transparent_pixels_lend_no_colour(monkeypatch):
    monkeypatch.setattr(conversion, "MAX_STORED_PIXELS", 100)
    image = Image.new("RGBA", (16, 16), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 7, 16))
    stored = reopen(clean_image(encode(image, "PNG"))[0])
    assert stored.getpixel((3, 3)) == (255, 0, 0, 128)


@pytest.mark.parametrize("size", [(20_000, 30), (30, 20_000), (65_000, 1)])
def test_images_are_no_wider_than_a_webp(size):
    stored = reopen(clean_image(encode(Image.new("L", size), "PNG"))[0])
    assert max(stored.size) <= 16_383
    Image.new("L", stored.size).save(io.BytesIO(), "WEBP")


def test_a_file_that_is_too_large_is_encoded_at_a_lower_quality_or_size():
    noise = Image.effect_noise((400, 300), 90)
    sent = encode(noise, "JPEG", quality=100)
    assert reopen(clean_image(sent, len(sent))[0]).size == (400, 300)
    once, _ = clean_image(sent, len(sent) - 1)
    assert (reopen(once).size, len(once) < len(sent)) == ((400, 300), True)
    again, _ = clean_image(sent, len(sent) // 5)
    assert reopen(again).size in [(200, 150), (100, 75)]
    assert len(again) <= len(sent) // 5


def test_colours_of_a_png_without_a_profile():
    """The chunks that say what the numbers of its pixels mean."""
    info = PngInfo()
    info.add(b"gAMA", (100_000).to_bytes(4))
    info.add(b"cICP", bytes((12, 13, 0, 1)))
    info.add_text("Comment", "canary")
    stored, _ = clean_image(encode(corners(), "PNG", pnginfo=info))
    assert b"gAMA" in stored
    assert b"cICP" in stored
    assert b"canary" not in stored


def test_a_thumbnail_and_what_follows_the_image_are_removed():
    sent = encode(corners(), "JPEG")
    assert sent[6:10] == b"JFIF"
    thumbnail = bytes((1, 1)) + b"\0\0\0"
    jfif = sent[6:18] + thumbnail
    sent = sent[:4] + (len(jfif) + 2).to_bytes(2) + jfif + sent[20:] + b"canary"
    stored, _ = clean_image(sent)
    assert reopen(stored).tobytes() == reopen(sent).tobytes()
    assert stored[18:20] == b"\0\0"
    assert b"canary" not in stored


MEASURE = """
import io

import django
django.setup()

from PIL import Image
from wagtail_live.images.conversion import clean_image

image = Image.linear_gradient("L").resize((8000, 6000)).convert("RGB")
sent = io.BytesIO()
image.save(sent, "JPEG")
del image
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # forget the peak

def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))

before = peak()
stored, _ = clean_image(sent.getvalue())
print(*Image.open(io.BytesIO(stored)).size, (peak() - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory from /proc")
def test_a_photo_of_48_megapixels_is_halved_in_little_memory():
    """Decoded at full size it would take 183 MB."""
    command = [sys.executable, "-c", MEASURE]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    width, height, megabytes = map(int, result.stdout.split())
    assert (width, height) == (4000, 3000)
    assert megabytes < 120
