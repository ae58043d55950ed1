"""The base class of receivers, which authenticate requests and parse their events.

Storage, order, repetition, permissions, HTML and downloads are handled elsewhere.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from django.core import checks
from django.http import HttpResponse
from django.utils.datastructures import CaseInsensitiveMapping

from .. import cursors
from .document import Body
from .fetch import Fetcher
from .guide import Guide

SECONDS = re.compile(r"[0-9]{1,12}")
TIME_TOLERANCE = 300  # seconds


class Rejected(Exception):
    """A request that gets an error response and is not stored."""

    def __init__(self, reason: str, status: int = 403):
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True)
class Inbound:
    """A request as it arrived. Its ``repr`` leaves out the content."""

    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"
    received_at: datetime = field(default_factory=cursors.now)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "headers", CaseInsensitiveMapping(self.headers))

    def read_json(self) -> Any:
        """Return the parsed body. Raise ``Rejected`` with 400 if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Rejected("The body is not JSON.", 400) from None

    def read_dict(self) -> dict:
        """Return what ``read_json`` returns if that is an object, and ``{}`` otherwise."""
        value = self.read_json()
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class Author:
    """The sender of a message, with the id and the name on the platform."""

    id: str = ""
    name: str = ""
    is_bot: bool = False


@dataclass(frozen=True)
class Attachment:
    """An image, a video or audio of a message, by its ``mime_type``.

    ``id`` stays the same when the message is edited; ``url`` is what
    ``BaseReceiver.download`` needs, as ``thumbnail`` is for the frame of a video.
    ``duration`` is in seconds, 0 if it is unknown. ``alt`` is the title of a video or audio.
    ``content`` is the file itself where the message contains it, as e-mails do.
    """

    id: str
    url: str = field(default="", repr=False)
    name: str = ""
    mime_type: str = ""
    alt: str = ""
    size: int = 0
    thumbnail: str = field(default="", repr=False)
    duration: float = 0
    width: int = 0
    height: int = 0
    content: bytes = field(default=b"", repr=False)

    @property
    def kind(self) -> str:
        """``"image"``, ``"video"`` or ``"audio"``."""
        return get_kind(self.mime_type)

    def get_thumbnail(self) -> Attachment:
        return Attachment(self.id, self.thumbnail, mime_type="image/jpeg")


@dataclass(frozen=True)
class _Message:
    delivery_id: str
    external_id: str
    message_id: str
    version: tuple


@dataclass(frozen=True)
class Upsert(_Message):
    """A new or edited message.

    ``external_id`` is the platform's channel. ``version`` is a tuple of numbers or strings
    that orders the edits and deletions of one message. Messages with the same
    ``group_id`` form one post; ``reply_to`` is the message that started the thread.
    ``omitted`` names the parts that readers can't get, such as a video: editors see them.
    ``title`` becomes the title of a new post; edits don't change it. ``command`` is a command
    of the platform that is left out of the body, as it was written: it may name a preset of
    the page. In an edit, ``None`` is what the platform left out and is unchanged, in the body a
    ``document.Section`` without blocks.

    ``fields`` are what else a post of another live blog has, in edits, too: ``title``,
    ``author_name``, ``coauthors`` (names), ``is_key_event``, ``correction``, ``show`` and
    ``created`` (a timestamp). Other keys are kept for the receiver. What an editor has changed stays. The
    values are those of JSON; fields that an edit leaves out are unchanged.
    """

    sent_at: datetime | None = None
    author: Author | None = Author()
    body: Body = ()
    attachments: tuple[Attachment, ...] | None = ()
    omitted: tuple[str, ...] | None = ()
    group_id: str = ""
    reply_to: str = ""
    title: str = ""
    command: str = ""
    fields: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Delete(_Message):
    """A deleted message; ``author`` has sent the command if there was one.

    ``whole_group`` deletes all messages of its group, such as an album.
    """

    author: Author = Author()
    whole_group: bool = False


@dataclass(frozen=True)
class Hide(_Message):
    """A command to hide the post of a message from readers."""

    author: Author = Author()


@dataclass(frozen=True)
class Ignored:
    """A delivery that readers don't see, with the reason."""

    delivery_id: str
    reason: str


@dataclass(frozen=True)
class DeleteFiles:
    """Files that were deleted on the platform. They disappear from all posts,
    and don't come back with an older version of a message."""

    delivery_id: str
    file_ids: tuple[str, ...]


@dataclass(frozen=True)
class Move:
    """A channel whose id has changed, such as a group that became a supergroup."""

    delivery_id: str
    external_id: str
    new_id: str


Event = Upsert | Delete | Hide | DeleteFiles | Move | Ignored


class Emit(Protocol):
    async def __call__(self, event: Event, body: bytes = b"") -> None:
        """Process an event. If that fails, it is kept with ``body``, which ``parse`` reads
        when an editor replays it."""

    async def catch_up(self) -> None:
        """Process the events of ``fetch_missed``. Await it after a session has begun, so
        that no message is missed in between."""


class Fetch(Protocol):
    def __call__(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """Return the file at a URL: an image as ``bytes``, a video or audio as a Django
        ``File``. Raise ``outbound.RequestFailed`` if there is none."""


class Outcome(StrEnum):
    """The result of a message."""

    PUBLISHED = "published"
    HELD = "held"
    FAILED = "failed"


class BaseReceiver:
    """One entry of ``WAGTAIL_LIVE_RECEIVERS``: ``name`` is its key, ``options`` are its
    ``OPTIONS``. Created when first used; the constructor must not use the network."""

    max_body: ClassVar[int] = 2**20  # bytes
    methods: ClassVar[tuple[str, ...]] = ("POST",)
    # Hosts from which images, videos and audio may be downloaded.
    allowed_hosts: ClassVar[tuple[str, ...]] = ()
    # Options that hold a secret, or several while one is replaced.
    secret_options: ClassVar[tuple[str, ...]] = ()
    # After a ``Move``, older messages have the ids they had before, and the new channel.
    keeps_message_ids: ClassVar[bool] = False
    # Anyone can send messages, so a source without allowed senders accepts none.
    requires_senders: ClassVar[bool] = False
    # How editors connect a channel.
    guide: ClassVar[Guide] = Guide()

    def __init__(self, name: str, options: dict[str, Any] | None = None):
        self.name = name
        self.options = options if options is not None else {}

    def __repr__(self):
        return f"<{type(self).__name__} {self.name!r}>"

    def authenticate(self, inbound: Inbound) -> None:
        """Raise ``Rejected`` for a request that is not from the platform. Any other
        exception rejects it, too."""
        raise NotImplementedError

    def handshake(self, inbound: Inbound) -> HttpResponse | None:
        """Return the response to a challenge, ``None`` for any other request. Called after
        ``authenticate``."""

    def parse(self, inbound: Inbound) -> Iterable[Event]:
        """Return the events of a request, without network access. Raise ``Rejected`` with
        400 if it is not in the format of the platform."""
        raise NotImplementedError

    def download(self, attachment: Attachment, fetch: Fetch) -> Any:
        """Return the file as ``fetch`` returns it, the only way to get one that isn't in
        the message. Runs in a task."""
        return attachment.content or fetch(attachment.url)

    def describe(self, attachment: Attachment) -> Attachment:
        """Return the attachment with its type and size, if the platform tells them only on
        request. Runs in a task before ``download``."""
        return attachment

    def get_fetcher(self) -> Fetch:
        """Return the ``fetch`` of ``download``; a test may return one that trusts loopback."""
        return Fetcher(self.allowed_hosts)

    def feedback(
        self, external_id: str, message_id: str, outcome: Outcome, reason: str = ""
    ) -> None:
        """Tell the platform the result of a message. Runs in a task after the commit, and
        may fail without harm."""

    async def listen(self, emit: Emit) -> None:
        """Listen to a platform that doesn't send webhooks, for ``manage.py live_listen``."""
        raise NotImplementedError

    def fetch_missed(
        self, external_id: str, message_id: str
    ) -> Iterable[tuple[Event, bytes]]:
        """Return the events in a channel after a message, each with its ``body``
        as for ``Emit``. Raise ``fetch.ApiFailed`` for an error. Runs in a thread."""
        return ()

    def check(self) -> list[checks.CheckMessage]:
        """Return messages about wrong options."""
        return [
            checks.Error(
                f"The receiver {self.name!r} has no {option}.",
                hint=f"Set OPTIONS[{option!r}] to the secret, or to a list of several "
                "while one is replaced.",
                id="wagtail_live.E031",
            )
            for option in self.secret_options
            if not self.get_secrets(option)
        ]

    def get_secrets(self, option: str) -> list[str]:
        """Return the secrets in an option: a ``str``, a list of them, or a function that
        returns either and is called for each request."""
        value = self.options.get(option)
        value = value() if callable(value) else value
        secrets = [value] if isinstance(value, str) else list(value or ())
        return [secret for secret in secrets if isinstance(secret, str) and secret]

    def is_secret(self, option: str, candidate: str | bytes) -> bool:
        """Return ``True`` for one of the secrets, compared in constant time."""
        return is_any([candidate], self.get_secrets(option))


def get_kind(mime_type: str) -> str:
    """Return ``"video"`` or ``"audio"``, and ``"image"`` for any other type."""
    kind = mime_type.partition("/")[0].lower()
    return kind if kind in ("video", "audio") else "image"


def is_any(given: Iterable[str | bytes], expected: Iterable[str | bytes]) -> bool:
    """Return ``True`` if one of the values is expected, compared in constant time."""
    encoded = [_encode(value) for value in expected]
    matches = [hmac.compare_digest(_encode(a), b) for a in given for b in encoded]
    return any(matches)


def _encode(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "replace")


def check_time(inbound: Inbound, timestamp: str, status: int = 403) -> None:
    """Raise ``Rejected`` unless the timestamp is within five minutes of the arrival."""
    if not SECONDS.fullmatch(timestamp):
        raise Rejected("The request has no timestamp.", status)
    if abs(inbound.received_at.timestamp() - int(timestamp)) > TIME_TOLERANCE:
        raise Rejected("The timestamp is too old, or a clock is wrong.", status)


def get_dict(mapping: dict, key: str) -> dict:
    """Return an object in a platform's JSON, where each value may be of any type."""
    value = mapping.get(key)
    return value if isinstance(value, dict) else {}


def get_dicts(mapping: dict, key: str) -> list[dict]:
    """Return the objects in a list, and leave out everything else."""
    value = mapping.get(key)
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]


def get_str(mapping: dict, key: str) -> str:
    value = mapping.get(key)
    return value if isinstance(value, str) else ""


def get_int(mapping: dict, key: str) -> int:
    """Return an integer; 0 for anything else and for one too large for the database."""
    value = mapping.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if -(2**63) <= value < 2**63 else 0


def get_id(mapping: dict, key: str) -> str:
    """Return an id that platforms write as a number or as a string."""
    return str(get_int(mapping, key) or "") or get_str(mapping, key)
