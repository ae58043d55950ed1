"""Writes WebM files. A frame of VP8 is what a lossy WebP image contains, so Pillow encodes it."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image

QUALITY = 60


def write(images: list[Image.Image], frames_per_second: int) -> BytesIO:
    """Return a film without sound: a header, a track, and a cluster of all frames."""
    milliseconds = 1000 / frames_per_second
    width, height = images[0].size
    head = [
        *(_number(0x4286, 1), _number(0x42F7, 1), _number(0x42F2, 4)),
        *(_number(0x42F3, 8), _element(0x4282, b"webm")),
        *(_number(0x4287, 2), _number(0x4285, 2)),
    ]
    track = [
        *(_number(0xD7, 1), _number(0x73C5, 1), _number(0x83, 1), _number(0x9C, 0)),
        _element(0x86, b"V_VP8"),
        _element(0xE0, _number(0xB0, width), _number(0xBA, height)),
    ]
    frames = [
        _element(0xA3, struct.pack(">BhB", 0x81, round(i * milliseconds), 0x80), frame)
        for i, frame in enumerate(map(_encode, images))
    ]
    duration = _element(0x4489, struct.pack(">d", len(frames) * milliseconds))
    segment = [
        _element(0x1549A966, _number(0x2AD7B1, 1_000_000), duration),
        _element(0x1654AE6B, _element(0xAE, *track)),
        _element(0x1F43B675, _number(0xE7, 0), *frames),
    ]
    return BytesIO(_element(0x1A45DFA3, *head) + _element(0x18538067, *segment))


def _encode(image: Image.Image) -> bytes:
    """Return the frame that a WebP file contains."""
    file = BytesIO()
    image.save(file, "WEBP", quality=QUALITY)
    data = file.getvalue()
    [size] = struct.unpack("<I", data[16:20])
    return data[20 : 20 + size]


def _element(key: int, *parts: bytes) -> bytes:
    """Return an element: its key, its size and its content."""
    content = b"".join(parts)
    size = (len(content) | 1 << 56).to_bytes(8, "big")
    return key.to_bytes((key.bit_length() + 7) // 8, "big") + size + content


def _number(key: int, value: int) -> bytes:
    return _element(key, value.to_bytes(4, "big"))
