"""The recent changes of a channel: rendered once, serialised once for each format."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import NamedTuple

from .. import cursors
from ..models import Channel
from ..page import updates
from .wire import Answer, WireFormat, build_answer

MAX_CHANGES = 200
MAX_BYTES = 1024 * 1024
MAX_ANSWERS = 64
MAX_KEPT_ANSWER = 64 * 1024
OVERVIEW = "overview"  # stands for a post's id


class Change(NamedTuple):
    """The latest change of one post; ``entry`` is ``None`` for a removal."""

    post_id: str
    cursor: datetime
    entry: bytes | None

    @property
    def size(self) -> int:
        return len(self.entry or b"")


def render_changes(channel: Channel, changes: updates.Changes) -> list[Change]:
    """Render and serialise the changes, oldest first."""
    entries = updates.render_posts(changes.posts)
    rendered = [
        Change(post_id, post.updated_at, updates.serialise({post_id: entry})[1:-1])
        for post, (post_id, entry) in zip(changes.posts, entries.items(), strict=True)
    ]
    rendered += [Change(post_id, cursor, None) for cursor, post_id in changes.removals]
    if changes.is_overview_changed:
        channel = Channel.objects.get(pk=channel.pk)
        overview = updates.serialise(updates.render_overview(channel))[1:-1]
        rendered.append(Change(OVERVIEW, channel.overview_updated_at, b"," + overview))
    return sorted(rendered, key=lambda change: change.cursor)


def load_changes(recent: RecentChanges | None, channel: Channel) -> list[Change] | None:
    """Load and render the changes after the recent ones; ``None`` if some are missing."""
    if recent is None or not updates.is_history_complete(channel, recent.cursor):
        return None
    if recent.cursor == channel.last_updated_at:
        return []
    return render_changes(channel, updates.changes_since(channel, recent.cursor))


class RecentChanges:
    """The changes of a channel between two cursors, oldest first, and bounded.

    They are complete for readers whose cursor is between ``start`` and ``cursor``; older
    changes are in the database. Not thread-safe.
    """

    def __init__(self, cursor: datetime):
        self.start = self.cursor = cursor
        self._changes: OrderedDict[str, Change] = OrderedDict()
        self._size = 0
        self._answers: dict[tuple[datetime, WireFormat], Answer] = {}

    def extend(self, changes: list[Change], until: datetime) -> None:
        """Add the changes after ``cursor``, up to and including ``until``."""
        for change in changes:
            self._drop(change.post_id)
            self._changes[change.post_id] = change
            self._size += change.size
        while len(self._changes) > MAX_CHANGES or self._size > MAX_BYTES:
            self.start = self._drop(next(iter(self._changes))).cursor
        self.cursor = until
        self._answers.clear()

    def covers(self, since: datetime) -> bool:
        return self.start <= since <= self.cursor

    def answer(self, since: datetime, wire_format: WireFormat) -> Answer | None:
        """Return the answer to a reader, or ``None`` if only the database has it."""
        answer = self._answers.get((since, wire_format))
        if answer is None and wire_format.is_lean and self.covers(since):
            answer = self._compose(since, wire_format)
            self.keep(since, wire_format, answer)
        return answer

    def keep(self, since: datetime, wire_format: WireFormat, answer: Answer) -> None:
        """Remember an answer until the channel changes."""
        if answer.cursor != self.cursor or len(answer.body) > MAX_KEPT_ANSWER:
            return
        if len(self._answers) >= MAX_ANSWERS:
            del self._answers[next(iter(self._answers))]
        self._answers[since, wire_format] = answer

    def _compose(self, since: datetime, wire_format: WireFormat) -> Answer:
        entries, removals, overview = [], [], b""
        for change in reversed(self._changes.values()):
            if change.cursor <= since:
                break
            if change.entry is None:
                removals.append(change.post_id)
            elif change.post_id != OVERVIEW:
                entries.append(change.entry)
            elif wire_format.has_overview:
                overview = change.entry
        if not entries and not removals and not overview:
            return Answer(b"", self.cursor)
        body = b'{"updates":{%b},"removals":%b%b,"lastUpdateTimestamp":%b}' % (
            b",".join(reversed(entries)),
            updates.serialise(removals[::-1]),
            overview,
            updates.serialise(cursors.to_timestamp(self.cursor)),
        )
        return build_answer(body, wire_format, self.cursor)

    def _drop(self, post_id: str) -> Change | None:
        change = self._changes.pop(post_id, None)
        if change:
            self._size -= change.size
        return change
