"""What every receiver has in common: it authenticates and translates, and nothing else.

Storage, order, repeats, permissions, HTML, downloads and acknowledgements are the core's.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from django.core import checks
from django.http import HttpResponse
from django.utils import timezone
from django.utils.datastructures import CaseInsensitiveMapping

from .document import Body


class Rejected(Exception):
    """A request that is not answered with 2xx, and of which nothing is kept."""

    def __init__(self, reason: str, status: int = 403):
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True)
class Inbound:
    """A request as it arrived. Its ``repr`` tells nothing of what is in it."""

    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"
    received_at: datetime = field(default_factory=timezone.now)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "headers", CaseInsensitiveMapping(self.headers))

    def read_json(self) -> Any:
        """The body as JSON; ``Rejected`` with 400 where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Rejected("The body is not JSON.", 400) from None


@dataclass(frozen=True)
class Author:
    """Who wrote a message, by the id and the name that the platform gives."""

    id: str = ""
    name: str = ""
    is_bot: bool = False


@dataclass(frozen=True)
class Attachment:
    """A picture of a message. ``id`` stays the same when the message is edited; ``url``
    is whatever ``BaseReceiver.download`` needs."""

    id: str
    url: str = field(default="", repr=False)
    name: str = ""
    mime_type: str = ""
    alt: str = ""
    size: int = 0


@dataclass(frozen=True)
class Upsert:
    """A message, or what it says after an edit.

    ``version`` is a tuple of numbers or strings of the platform's own by which edits and
    deletions of one message are ordered. Messages of one ``group_id`` are one post;
    ``reply_to`` is the message whose thread this one is in.
    """

    delivery_id: str
    channel: str
    message_id: str
    version: tuple
    sent_at: datetime | None = None
    author: Author = Author()
    body: Body = ()
    attachments: tuple[Attachment, ...] = ()
    group_id: str = ""
    reply_to: str = ""


@dataclass(frozen=True)
class Delete:
    """A message was deleted; by a command of ``author``'s where there is one.

    ``whole_group`` withdraws all messages of its group, as somebody means who answers one
    picture of an album.
    """

    delivery_id: str
    channel: str
    message_id: str
    version: tuple
    author: Author = Author()
    whole_group: bool = False


@dataclass(frozen=True)
class Hide:
    """A message's post is to be taken from readers, and kept."""

    delivery_id: str
    channel: str
    message_id: str
    version: tuple
    author: Author = Author()


@dataclass(frozen=True)
class Ignored:
    """A delivery that says nothing to readers, for the reason given."""

    delivery_id: str
    reason: str


Event = Upsert | Delete | Hide | Ignored


class Emit(Protocol):
    async def __call__(self, event: Event, body: bytes = b"") -> None:
        """Take in an event. ``body`` is what ``parse`` makes of it again, for an editor to
        replay it where it fails."""

    async def catch_up(self) -> None:
        """Take in what was written while nobody followed, as ``fetch_missed`` tells it. To
        be awaited when a session has begun, so that nothing falls in between."""


class Fetch(Protocol):
    def __call__(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """Return the image at a URL. Raise ``outbound.RequestFailed`` if there is none."""


class Outcome(StrEnum):
    """What became of a message."""

    PUBLISHED = "published"
    HELD = "held"
    FAILED = "failed"


class BaseReceiver:
    """One entry of ``WAGTAIL_LIVE_RECEIVERS``: ``name`` is its key, ``options`` are its
    ``OPTIONS``. Made when first used, so its constructor must not go to the network."""

    max_body: ClassVar[int] = 2**20  # bytes
    methods: ClassVar[tuple[str, ...]] = ("POST",)
    # Hosts from which pictures may be downloaded.
    allowed_hosts: ClassVar[tuple[str, ...]] = ()
    # Options that hold a secret, or several while one is being replaced.
    secret_options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, options: dict[str, Any] | None = None):
        self.name = name
        self.options = options if options is not None else {}

    def __repr__(self):
        return f"<{type(self).__name__} {self.name!r}>"

    def authenticate(self, inbound: Inbound) -> None:
        """Raise ``Rejected`` for a request that is not the platform's. Any other
        exception rejects it, too."""
        raise NotImplementedError

    def handshake(self, inbound: Inbound) -> HttpResponse | None:
        """The answer to a challenge; ``None`` for anything else. Comes after
        ``authenticate``."""

    def parse(self, inbound: Inbound) -> Iterable[Event]:
        """What the request tells, without input or output. ``Rejected`` with 400 where it
        is not in the platform's form at all."""
        raise NotImplementedError

    def download(self, attachment: Attachment, fetch: Fetch) -> bytes:
        """The picture, through ``fetch`` and no other way; runs in a task."""
        return fetch(attachment.url)

    def get_fetcher(self) -> Fetch:
        """What ``download`` is given; a test may return one that trusts loopback."""
        from .fetch import Fetcher

        return Fetcher(self.allowed_hosts)

    def feedback(
        self, channel: str, message_id: str, outcome: Outcome, reason: str = ""
    ) -> None:
        """Tell the platform what became of a message; runs in a task after the commit, and
        may fail without harm."""

    async def listen(self, emit: Emit) -> None:
        """Follow a platform that is not called by, for ``manage.py live_listen``."""
        raise NotImplementedError

    def fetch_missed(
        self, channel: str, message_id: str
    ) -> Iterable[tuple[Event, bytes]]:
        """What was written in a channel after a message, each with its ``body`` as for
        ``Emit``. Runs in a thread; ``ApiFailed`` where the platform does not tell."""
        return ()

    def check(self) -> list[checks.CheckMessage]:
        """What is wrong with the options."""
        return [
            checks.Error(
                f"The receiver {self.name!r} has no {option}.",
                hint=f"Set OPTIONS[{option!r}] to the secret, or to a list of several "
                "while one is being replaced.",
                id="wagtail_live.E031",
            )
            for option in self.secret_options
            if not self.get_secrets(option)
        ]

    def get_secrets(self, option: str) -> list[str]:
        """The secrets in an option, which is a ``str``, a list of them, or a function that
        returns either; read anew for each request."""
        value = self.options.get(option)
        value = value() if callable(value) else value
        secrets = [value] if isinstance(value, str) else list(value or ())
        return [secret for secret in secrets if isinstance(secret, str) and secret]

    def is_secret(self, option: str, candidate: str | bytes) -> bool:
        """Whether the candidate is one of the secrets, found out in constant time."""
        candidate = _encode(candidate)
        matches = [
            hmac.compare_digest(_encode(secret), candidate)
            for secret in self.get_secrets(option)
        ]
        return any(matches)


def _encode(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "replace")
