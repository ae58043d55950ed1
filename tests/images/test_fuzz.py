"""Damaged files are refused, whatever is damaged, and nothing else is raised."""

import io
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.images.test_conversion import corners, encode, moving
from tests.receivers.image_files import located
from wagtail_live.images.conversion import clean_image
from wagtail_live.images.formats import EXTENSIONS, InvalidImage, can_read_heif

pytestmark = pytest.mark.slow

can_read_heif()
first, *others = moving()
animation = {"save_all": True, "append_images": others, "duration": 50}
SENT = [
    encode(corners(), "JPEG", exif=located(6), comment=b"canary"),
    encode(corners(), "JPEG", exif=located(1), progressive=True),
    encode(corners(), "MPO", exif=located(1), save_all=True, append_images=[corners()]),
    encode(corners("P"), "PNG", exif=located(1)),
    encode(first, "PNG", exif=located(1), **animation),
    encode(first, "GIF", comment=b"canary", **animation),
    encode(corners(), "WEBP", exif=located(1)),
    encode(first, "WEBP", exif=located(1), lossless=True, **animation),
    encode(corners(), "AVIF", exif=located(1)),
    encode(corners(), "HEIF", exif=located(1)),
]
EMPTY_TEXT = b"\0\0\0\0tEXt" + zlib.crc32(b"tEXt").to_bytes(4)
changes = st.lists(
    st.tuples(st.integers(0, 2**16), st.binary(max_size=8), st.booleans()), max_size=6
)


@given(st.sampled_from(SENT), changes, st.one_of(st.none(), st.integers(0, 2**16)))
def test_damaged_files(sent, changes, end):
    damaged = bytearray(sent[: None if end is None else end % len(sent)])
    for place, inserted, is_replaced in changes:
        place %= len(damaged) + 1
        damaged[place : place + len(inserted) * is_replaced] = inserted
    try:
        stored, file_format = clean_image(bytes(damaged))
    except InvalidImage:
        return
    image = Image.open(io.BytesIO(stored))
    image.load()
    assert image.format == file_format in EXTENSIONS
    assert not image.getexif()
    assert b"canary" not in stored


@pytest.mark.parametrize(
    ("before", "repeated", "after"),
    [
        (SENT[0][:2], b"\xff\xfe\0\2", SENT[0][2:]),
        (SENT[0][:2], b"\xff", SENT[0][2:]),
        (SENT[0][:-2], b"\xff\0", SENT[0][-2:]),
        (SENT[5][:13], b"!\xfe\1a\0", SENT[5][13:]),
        (SENT[5][:-1], b",\0\0\0\0\1\0\1\0\0\2\2D\1\0", b";"),
        (SENT[3][:33], EMPTY_TEXT, SENT[3][33:]),
        (SENT[6], b"JUNK\0\0\0\0", b""),
        (SENT[8], b"\0\0\0\x08free", b""),
    ],
)
def test_many_parts_of_a_file_are_read_in_linear_time(before, repeated, after):
    """Counted by the calls of a profiler, which grow no faster than the file."""
    counts = [count_calls(before + repeated * n + after) for n in (200, 2000)]
    assert counts[1] < counts[0] * 10 + 5000


def count_calls(data):
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        clean_image(data)
    except InvalidImage:
        pass
    finally:
        sys.setprofile(None)
    return calls
