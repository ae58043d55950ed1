"""A post to import, before it is checked against the site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.utils.dateparse import parse_datetime

from ...models import PostStatus

T = TypeVar("T")


class Invalid(ValueError):
    """A post or file that can't be read, with the reason."""


@dataclass
class Entry:
    """A post of another site. ``content`` is as exported; images are paths or URLs.

    ``source`` and ``message_id`` name it: the same entry is imported once.
    """

    place: str
    source: str
    message_id: str
    content: Any
    created: datetime
    title: str = ""
    names: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    is_key_event: bool = False
    correction: str = ""
    status: PostStatus = PostStatus.PUBLISHED
    go_live_at: datetime | None = None
    is_pinned: bool = False
    is_dated: bool = False  # a draft whose time was chosen
    id: UUID | None = None  # which the post keeps if it is free
    is_converted: bool = False  # from HTML, to the blocks that the page's posts have
    has_byline: bool = True  # ``False`` if only the further authors are named
    times: dict[str, datetime] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """A post that can't be imported."""

    place: str
    reason: str


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def read_time(value: Any, name: str) -> datetime:
    """Read a time with a date; one without an offset is in UTC. ``Invalid`` if it is none."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = value if isinstance(value, datetime) else parse_datetime(str(value))
        moment = moment or datetime.fromisoformat(str(value))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (OSError, OverflowError, ValueError):
        raise Invalid(f"{name}: {value!r} is not a time.") from None


def read_text(value: Any, name: str, limit: int | None = None) -> str:
    """Read a string; ``Invalid`` for anything else, or one that is too long."""
    if not isinstance(value, str):
        raise Invalid(f"{name} must be a string.")
    if limit is not None and len(value) > limit:
        raise Invalid(f"{name} has {len(value)} characters. The limit is {limit}.")
    return value
