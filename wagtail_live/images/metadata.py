"""Removes the metadata of a file, and keeps all pixels, colours and frames as they are.

Of each format only the parts are kept that decide how the image looks. All others go:
EXIF, XMP, IPTC, comments, texts, thumbnails, and what comes after the end of the image.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# JPEG: a marker that is not part of the compressed data.
JPEG_MARKER = re.compile(rb"\xff+([\xc0-\xcf\xd9-\xfe])")
JPEG_SCAN, JPEG_END = 0xDA, 0xD9
JFIF_SIZE = 14  # bytes, without a thumbnail

PNG_CHUNKS = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"),
    *(b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI"),
    *(b"bKGD", b"pHYs"),
}

GIF_EXTENSION, GIF_IMAGE, GIF_END = b"!", b",", b";"
GIF_CONTROL, GIF_APPLICATION = 0xF9, 0xFF
GIF_APPLICATIONS = {b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"}

WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
WEBP_METADATA_FLAGS, WEBP_ALPHA_FLAG = 0x0C, 0x10
WEBP_FRAME_SIZE = 16  # bytes before the chunks of a frame


def strip_metadata(data: bytes, file_format: str) -> bytes:
    """Return the file without metadata. Raise ``ValueError`` or ``IndexError`` if it is
    incomplete."""
    return b"".join(STRIPPERS[file_format](data))


def is_lossless_webp(data: bytes) -> bool:
    return any(name == b"VP8L" for name, _ in _webp_chunks(data, 12))


def _strip_jpeg(data: bytes) -> Iterator[bytes]:
    yield b"\xff\xd8"
    position, is_in_scan = 2, False
    while found := JPEG_MARKER.search(data, position):
        if is_in_scan:
            yield data[position : found.start()]
        marker, start = found[1][0], found.end()
        if marker == JPEG_END:
            break
        position = start + int.from_bytes(data[start : start + 2])
        segment = _clean_segment(marker, data[start:position])
        if segment:
            yield bytes((0xFF, marker)) + segment
        is_in_scan = marker == JPEG_SCAN
    else:  # no end, which decoders accept
        yield data[position:] if is_in_scan else b""
    yield bytes((0xFF, JPEG_END))


def _clean_segment(marker: int, segment: bytes) -> bytes:
    """Return what is kept of a segment, which begins with its length."""
    is_kept = (
        marker < 0xE0
        or (marker == 0xE2 and segment.startswith(b"ICC_PROFILE\0", 2))
        or (marker == 0xEE and segment.startswith(b"Adobe", 2))  # the colour space
    )
    if marker == 0xE0 and segment.startswith(b"JFIF\0", 2):
        content = segment[2:JFIF_SIZE].ljust(JFIF_SIZE - 2, b"\0") + b"\0\0"
        return (len(content) + 2).to_bytes(2) + content
    return segment if is_kept else b""


def _strip_png(data: bytes) -> Iterator[bytes]:
    yield data[:8]
    position, name = 8, b""
    while name != b"IEND":
        name = data[position + 4 : position + 8]
        end = position + 12 + int.from_bytes(data[position : position + 4])
        if end > len(data):
            raise ValueError("The PNG is truncated.")
        if name in PNG_CHUNKS:
            yield data[position:end]
        position = end


def _strip_gif(data: bytes) -> Iterator[bytes]:
    position = 13 + _palette_size(data[10])
    yield data[:position]
    while (kind := data[position : position + 1]) in (GIF_EXTENSION, GIF_IMAGE):
        start = position
        if kind == GIF_EXTENSION:
            label = data[position + 1]
            is_kept = label == GIF_CONTROL or (
                label == GIF_APPLICATION
                and data[position + 3 : position + 14] in GIF_APPLICATIONS
            )
            position += 2
        else:
            is_kept = True
            position += 11 + _palette_size(data[position + 9])
        while size := data[position]:
            position += 1 + size
        position += 1
        if is_kept:
            yield data[start:position]
    yield GIF_END


def _palette_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def mark_transparent(data: bytes) -> bytes:
    """Return an animated WebP that says that it is transparent. libwebp forgets it for
    lossless frames of few colours, which some decoders then draw on black."""
    return b"".join(_strip_webp(data, is_transparent=True))


def _strip_webp(data: bytes, *, is_transparent: bool = False) -> Iterator[bytes]:
    body = b"WEBP" + b"".join(_clean_webp(data, 12, is_transparent))
    yield b"RIFF" + len(body).to_bytes(4, "little") + body


def _clean_webp(data: bytes, start: int, is_transparent: bool) -> Iterator[bytes]:
    for name, found in _webp_chunks(data, start):
        content = bytearray(found)
        if name == b"VP8X":
            content[0] &= ~WEBP_METADATA_FLAGS
            content[0] |= WEBP_ALPHA_FLAG * is_transparent
        elif name == b"VP8L":
            content[4] |= WEBP_ALPHA_FLAG * is_transparent
        elif name == b"ANMF":
            frame = _clean_webp(found, WEBP_FRAME_SIZE, is_transparent)
            content[WEBP_FRAME_SIZE:] = b"".join(frame)
        size = len(content)
        yield name + size.to_bytes(4, "little") + content + b"\0" * (size % 2)


def _webp_chunks(data: bytes, start: int) -> Iterator[tuple[bytes, bytes]]:
    while start + 8 <= len(data):
        name, size = data[start : start + 4], data[start + 4 : start + 8]
        end = start + 8 + int.from_bytes(size, "little")
        if name in WEBP_CHUNKS:
            if end > len(data):
                raise ValueError("The WebP is truncated.")
            yield name, data[start + 8 : end]
        start = end + end % 2


STRIPPERS = {
    "JPEG": _strip_jpeg,
    "PNG": _strip_png,
    "GIF": _strip_gif,
    "WEBP": _strip_webp,
}
