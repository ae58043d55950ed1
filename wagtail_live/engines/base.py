"""The base class of all push engines, and what is sent to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from django.core.checks import CheckMessage
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from ..delivery.wire import WireFormat

NAME_LENGTH = 32  # characters of the hash in a name


class EngineFailed(Exception):
    """The engine has not taken a publication. The message has no secrets. If it
    ``is_answer``, the engine works, and may take other publications."""

    def __init__(self, reason: str, *, is_answer: bool = False):
        super().__init__(reason)
        self.is_answer = is_answer


class Kind(Enum):
    """An item is an update; tells readers to ask the site; or sends them away."""

    UPDATE = "update"
    ASK = "ask"
    GONE = "gone"


class Item(NamedTuple):
    """A message to all readers of one of the engine's channels.

    Readers who are not at ``previous`` have to ask the site; so have all if it is ``None``.
    The body of an update is as long polls get it, or as a part of an event stream. The
    position is what the engine returned for the one before, at first a random string.
    """

    name: str
    wire_format: WireFormat
    kind: Kind
    cursor: datetime
    previous: datetime | None
    position: str
    body: bytes = b""


class Subscription(NamedTuple):
    """The engine's channel that a reader is added to, and their cursor in it.

    ``is_current`` means that all that the reader has, with the event ``news`` in the
    response, has been published, and nothing later: the position is theirs, too.
    """

    name: str
    wire_format: WireFormat
    cursor: datetime
    position: str
    is_current: bool
    news: bytes


class BaseEngine:
    """Holds the connections of readers. Subclasses implement the methods that raise
    ``NotImplementedError``."""

    header = ""  # in the requests that come through the engine
    servers: tuple[str, ...] = ("",)  # names of 32 characters at most
    holds_polls = True

    def serves(self, value: str) -> bool:
        """Return whether the value of the header proves that a request came through it."""
        raise NotImplementedError

    def hold_stream(
        self, request: HttpRequest, response: HttpResponse, subscription: Subscription
    ) -> HttpResponse:
        """Return the response with which the engine sends a stream: first its body."""
        raise NotImplementedError

    def hold_poll(
        self,
        request: HttpRequest,
        response: HttpResponse,
        subscription: Subscription,
        timeout: float,
    ) -> HttpResponse | None:
        """Return the response with which the engine waits for an update, and then for
        ``timeout`` seconds answers with its body; ``None`` if it can't."""
        return None

    def get_resumed(self, request: HttpRequest, name: str) -> datetime | None:
        """Return the cursor of a stream that the engine itself resumes, if it does."""
        return None

    def publish(
        self,
        server: str,
        items: Iterable[Item],
        *,
        deadline: float,
        is_repeated: bool = False,
    ) -> dict[str, str]:
        """Send items to a server, in order; raise ``EngineFailed`` if it may not have them
        all. Return the new positions by name, if the engine needs them.

        Called in a thread of each server, which all get all items. Nothing may be sent
        after ``deadline`` (``time.monotonic()``), when another process may publish. With
        ``is_repeated``, the server may have some items from an attempt that an error or a
        crash interrupted.
        """
        raise NotImplementedError

    def check(self) -> list[CheckMessage]:
        """Return messages for the system check."""
        return []


def get_name(channel_id: str, wire_format: WireFormat, *, is_public: bool) -> str:
    """Return the name of the engine's channel. Nobody can guess it, and sites that share
    an engine have different ones."""
    key = f"{channel_id}\n{wire_format.name}\n{is_public}"
    return salted_hmac(__name__, key, algorithm="sha256").hexdigest()[:NAME_LENGTH]
