"""The updates of a channel as items for a push engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from .. import cursors
from ..delivery.history import RecentChanges, load_changes
from ..delivery.streams import EVENT_HEARTBEAT
from ..delivery.wire import WireFormat, add_previous, build_answer, build_body
from ..models import Channel, EngineChannel
from ..page import updates
from .base import Item, Kind, get_name

LEAN = {
    WireFormat.DELTA: WireFormat.EVENT,
    WireFormat.DELTA_WITH_OVERVIEW: WireFormat.EVENT_WITH_OVERVIEW,
}
FULL = WireFormat.FULL, WireFormat.FULL_WITH_OVERVIEW


def get_latest(channel: Channel) -> datetime:
    """Return the cursor of the latest change that readers may see. It is the cursor of
    readers in an engine who have all updates, since drafts are not published."""
    latest = max(channel.seen_updated_at, channel.overview_updated_at)
    latest = max(latest, channel.stage_updated_at or latest)
    # Those of a new channel are microseconds later than its cursor.
    return min(latest, channel.last_updated_at)


def build_public_items(
    row: EngineChannel, channel: Channel, cursor: datetime
) -> Iterator[Item]:
    """Load and render the changes after the last publication up to that of ``channel``,
    once for all formats; ``cursor`` is the one that readers have then."""
    since, until = row.published_until, channel.last_updated_at
    recent = RecentChanges(since)
    changes = load_changes(recent, channel)
    if changes is not None:
        recent.extend(changes, until)
    if changes is None or recent.start != since:  # too many
        yield from ask(row, cursor, None, is_public=True)
        return
    for poll_format, event_format in LEAN.items():
        answer = recent.answer(since, poll_format)
        known = answer.body if answer else b""
        body = known or build_body([], until, removals=[])
        yield _update(row, poll_format, cursor, add_previous(body, since))
        if known:
            event = build_answer(add_previous(body, since), event_format, until).body
        else:  # a change of the overview, for example
            event = EVENT_HEARTBEAT
        yield _update(row, event_format, cursor, event)
    if is_full_wanted(row):
        ids = updates.serialise(updates.current_posts(channel))
        entries = [change.post for change in recent.after(since) if change.post]
        parts = b"".join(change.part for change in recent.after(since))
        for wire_format in FULL:
            shown = parts if wire_format.has_overview else b""
            body = build_body(entries, until, current_posts=ids, overview=shown)
            yield _update(row, wire_format, cursor, body)


def ask(
    row: EngineChannel, cursor: datetime, previous: datetime | None, *, is_public: bool
) -> Iterator[Item]:
    """Let readers ask the site, which checks their access."""
    for wire_format in WireFormat:
        name = get_name(row.channel_id, wire_format, is_public=is_public)
        position = row.get_position(name)
        yield Item(name, wire_format, Kind.ASK, cursor, previous, position)


def end(row: EngineChannel, *, is_public: bool) -> Iterator[Item]:
    """Send all readers away."""
    for wire_format in WireFormat:
        name = get_name(row.channel_id, wire_format, is_public=is_public)
        cursor = row.published_until
        position = row.get_position(name)
        yield Item(name, wire_format, Kind.GONE, cursor, cursor, position)


def is_full_wanted(row: EngineChannel) -> bool:
    return row.full_until is not None and row.full_until > cursors.now()


def _update(
    row: EngineChannel, wire_format: WireFormat, cursor: datetime, body: bytes
) -> Item:
    name = get_name(row.channel_id, wire_format, is_public=True)
    position, previous = row.get_position(name), row.published_until
    return Item(name, wire_format, Kind.UPDATE, cursor, previous, position, body)
