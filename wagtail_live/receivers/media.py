"""The videos and audio of messages, for sites whose posts have blocks for them.

Such a block is found by its name, and has the methods of ``MediaBlock``: receivers don't
need the app that registers it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from http.client import HTTPResponse
from typing import Any, Protocol

from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from wagtail.blocks import StreamBlock
from wagtail.images.models import AbstractImage

from .. import outbound
from ..models import ReceivedImage, find_post_blocks
from ..outbound import RequestFailed
from .base import Attachment, BaseReceiver, get_kind
from .fetch import Fetcher, check_response

KINDS = ("video", "audio")
TOTAL_TIMEOUT = 180.0  # seconds for a file; phones make 100 MB in a minute
START_SIZE = 16  # bytes that show the format
# Downloads at a time, so that they never take all threads of the background.
slots = threading.BoundedSemaphore(2)
ISO_BRANDS = {b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4b"}
ISO_DEFAULT = {"video": "mp4", "audio": "m4a"}
OGG = {"video": "ogv", "audio": "ogg"}
RIFF = {b"WAVE": "wav", b"AVI ": "avi"}
AUDIO_STARTS = {b"ID3": "mp3", b"fLaC": "flac", b"FORM": "aiff"}


class MediaBlock(Protocol):
    """A block of files from the site's media library."""

    max_file_size: int  # bytes

    def add_file(
        self, file: Any, title: str, user: Any, details: dict, poster: Any
    ) -> Any:
        """Add a file to the library. Raise ``ValidationError`` if it is refused."""

    def find_values(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the values that show files, by the keys of these."""


class NoSlot(Exception):
    """As many files are being downloaded as may be at a time."""


def find_block(kind: str, block: StreamBlock | None = None) -> MediaBlock | None:
    """Return the block of a kind in posts with a block, ``None`` if they have none. Without
    ``block``, for a message whose page is not known, it is one of any page type."""
    streams = find_post_blocks() if block is None else [block]
    names = [kind] if kind in KINDS else []
    found = (stream.child_blocks.get(name) for name in names for stream in streams)
    return next((each for each in found if hasattr(each, "add_file")), None)


def find_refusal(
    attachment: Attachment,
    limit: int | None = None,
    stream: StreamBlock | None = None,
) -> str | None:
    """Return the reason not to show a video or audio of a message: an empty one if posts
    can have none, ``None`` if there is no reason. ``limit`` is the platform's, in bytes."""
    block = find_block(attachment.kind, stream)
    if block is None:
        return ""
    limit = min(limit or block.max_file_size, block.max_file_size)
    if attachment.size > limit:
        return _("larger than %(limit)s") % {"limit": filesizeformat(limit)}
    return None


def add(
    receiver: BaseReceiver, attachment: Attachment, user: Any, stream: StreamBlock
) -> Any:
    """Download a file, and add it to the library. Raise ``NoSlot`` to try again soon."""
    block = find_block(attachment.kind, stream)
    if block is None:
        raise RequestFailed(
            _(
                "Posts on this site can't show this kind of file. Add a photo or a link to "
                "the file instead."
            ),
            is_final=True,
        )
    if not slots.acquire(blocking=False):
        raise NoSlot
    try:
        fetch = receiver.get_fetcher()
        if isinstance(fetch, Fetcher):
            fetch = MediaFetcher(fetch, attachment.kind, block.max_file_size)
        file = receiver.download(attachment, fetch)
    finally:
        slots.release()
    if isinstance(file, bytes):  # of a receiver that has its own way to download
        name = f"file.{find_extension(file, attachment.kind)}"
        file = SimpleUploadedFile(name, file)
    details = {
        name: getattr(attachment, name) for name in ("duration", "width", "height")
    }
    title = attachment.alt or attachment.name
    try:
        poster = _fetch_poster(receiver, attachment)
        return block.add_file(file, title, user, details, poster)
    finally:
        file.close()  # and delete it, if the storage has copied it


def find_blocks(
    received: Iterable[ReceivedImage], stream: StreamBlock
) -> dict[int, tuple[str, Any]]:
    """Return the blocks of downloaded files, by the keys of their rows."""
    found: dict[int, tuple[str, Any]] = {}
    rows = list(received)
    for kind in KINDS:
        keys = {
            row.pk: row.image_key for row in rows if get_kind(row.mime_type) == kind
        }
        block = find_block(kind, stream) if keys else None
        values = block.find_values(keys.values()) if block else {}
        found |= {pk: (kind, values[key]) for pk, key in keys.items() if key in values}
    return found


def find_key(kind: str, value: Any) -> tuple[str, str]:
    """Return the kind and the key of the file in a block."""
    if isinstance(value, AbstractImage):
        return "image", str(value.pk)
    is_media = kind in KINDS and isinstance(value, Mapping)
    shown = value.get(kind) if is_media else value
    return kind, str(getattr(shown, "pk", ""))


def find_extension(start: bytes, kind: str) -> str:
    """Return the extension for a file by its first bytes, an empty string if it is neither
    a video nor audio."""
    if start[4:8] == b"ftyp":
        return ISO_BRANDS.get(start[8:12], ISO_DEFAULT[kind])
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    if start.startswith(b"OggS"):
        return OGG[kind]
    if start.startswith(b"RIFF"):
        return RIFF.get(start[8:12], "")
    for beginning, extension in AUDIO_STARTS.items():
        if start.startswith(beginning):
            return extension
    if start[:1] == b"\xff" and start[1:2] and start[1] & 0xE0 == 0xE0:
        return "aac" if start[1] & 0x06 == 0 else "mp3"
    return ""


class MediaFetcher(Fetcher):
    """Downloads a video or audio to a temporary file, from the hosts of another fetcher."""

    def __init__(self, fetcher: Fetcher, kind: str, max_size: int):
        super().__init__(
            fetcher.allowed_hosts,
            trust_loopback=fetcher.trust_loopback,
            trusted_url=fetcher.trusted_url,
        )
        self.total_timeout = TOTAL_TIMEOUT
        self.accept = f"{kind}/*"
        self.kind = kind
        self.max_size = max_size

    def read(self, response: HTTPResponse) -> Any:
        # Both kinds: a voice message may be a video without pictures.
        check_response(response, tuple(f"{kind}/" for kind in KINDS))
        file = TemporaryUploadedFile("file", None, 0, None)
        try:
            start = response.read(START_SIZE)
            extension = find_extension(start, self.kind)
            if not extension:
                reason = _("The file is neither a video nor audio.")
                raise RequestFailed(reason, is_final=True)
            file.write(start)
            for chunk in outbound.read_chunks(response, self.max_size - len(start)):
                file.write(chunk)
        except BaseException:
            file.close()
            raise
        file.name, file.size = f"file.{extension}", file.tell()
        file.seek(0)
        return file


def _fetch_poster(receiver: BaseReceiver, attachment: Attachment) -> Any:
    """Return the frame that the platform shows of a video; without it, there is none."""
    if not attachment.thumbnail:
        return None
    try:
        data = receiver.download(attachment.get_thumbnail(), receiver.get_fetcher())
    except RequestFailed:
        return None
    return SimpleUploadedFile("poster", data)
