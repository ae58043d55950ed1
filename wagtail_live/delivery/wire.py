"""The wire formats: requests for updates, and the answers to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import NamedTuple
from urllib.parse import parse_qs

from .. import cursors
from ..page import updates


class WireFormat(Enum):
    """The form of an answer: full, lean, or lean as a server-sent event.

    Each can include the parts above the posts, which the element ``<live-blog>`` asks for:
    the overview and the stage, as far as they have changed.
    """

    FULL = "full"
    FULL_WITH_OVERVIEW = "full with overview"
    DELTA = "delta"
    EVENT = "event"
    DELTA_WITH_OVERVIEW = "delta with overview"
    EVENT_WITH_OVERVIEW = "event with overview"

    # An enum's own hash is slow, and is computed for each reader.
    __hash__ = object.__hash__

    def __init__(self, value: str):
        self.is_lean = not value.startswith("full")
        self.is_event = value.startswith("event")
        self.has_overview = value.endswith("overview")


class Answer(NamedTuple):
    """The bytes for all readers at one cursor, and the cursor that follows it.

    The body is empty if readers see no change: drafts advance the cursor, too.
    """

    body: bytes
    cursor: datetime


def parse_query(
    query: str, last_event_id: str = "", *, delta: bool = False, event: bool = False
) -> tuple[datetime, WireFormat]:
    """Return the cursor and the format that a reader asks for; raise ``InvalidCursor``.

    The cursor of a reconnecting reader (``last_event_id``) is newer than the URL's.
    """
    values = parse_qs(query, keep_blank_values=True)
    overview = values.get("head", [""])[-1] == "1"
    if event:
        formats = WireFormat.EVENT, WireFormat.EVENT_WITH_OVERVIEW
    elif delta or values.get("delta", [""])[-1] == "1":
        formats = WireFormat.DELTA, WireFormat.DELTA_WITH_OVERVIEW
    else:
        formats = WireFormat.FULL, WireFormat.FULL_WITH_OVERVIEW
    timestamps = [last_event_id] if last_event_id else values.get("last_update_ts", [])
    return cursors.parse(timestamps), formats[overview]


def is_up_to_date(since: datetime, cursor: datetime, wire_format: WireFormat) -> bool:
    """Return whether a reader has to wait for news after a cursor.

    A reader who is ahead of it, as after a restore from a backup, gets the list of all
    posts in place of a lean form, but waits for a full one.
    """
    return since == cursor or (since > cursor and not wire_format.is_lean)


def build_body(
    entries: Iterable[bytes],
    cursor: datetime,
    *,
    removals: list[str] | None = None,
    current_posts: bytes = b"",
    overview: bytes = b"",
) -> bytes:
    """Join serialised parts: with the removals, or else with the list of all posts."""
    ids = (
        b'"currentPosts":' + current_posts
        if removals is None
        else b'"removals":' + updates.serialise(removals)
    )
    return b'{"updates":{%b},%b%b,"lastUpdateTimestamp":%b}' % (
        b",".join(entries),
        ids,
        overview,
        updates.serialise(cursors.to_timestamp(cursor)),
    )


def add_previous(body: bytes, previous: datetime) -> bytes:
    """Add the cursor before an answer: a reader who is not there yet has missed one."""
    timestamp = updates.serialise(cursors.to_timestamp(previous))
    return b'%b,"previousUpdateTimestamp":%b}' % (body[:-1], timestamp)


def build_answer(body: bytes, wire_format: WireFormat, cursor: datetime) -> Answer:
    """Frame the body; a server-sent event carries its cursor as ``id``."""
    if wire_format.is_event:
        identifier = updates.serialise(cursors.to_timestamp(cursor))
        body = b"id: %b\ndata: %b\n\n" % (identifier, body)
    return Answer(body, cursor)
