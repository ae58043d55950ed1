"""What changed in a channel lately: rendered once, serialised once for each form."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from .. import cursors
from ..models import Channel
from ..page import updates

MOST_CHANGES = 200
MOST_BYTES = 1024 * 1024
MOST_ANSWERS = 64
LARGEST_KEPT_ANSWER = 64 * 1024
HEAD = "head"  # stands for a post's id


class Form(Enum):
    """How an answer is written: in full, lean, or lean as a server-sent event; the lean
    forms also with the head of the page, as the element ``<live-blog>`` asks for it."""

    FULL = "full"
    DELTA = "delta"
    EVENT = "event"
    DELTA_AND_HEAD = "delta and head"
    EVENT_AND_HEAD = "event and head"

    # An enum's own hash is slow, and is asked for each reader.
    __hash__ = object.__hash__

    @classmethod
    def of(
        cls, *, delta: bool = False, event: bool = False, head: bool = False
    ) -> Form:
        if event:
            return cls.EVENT_AND_HEAD if head else cls.EVENT
        if delta:
            return cls.DELTA_AND_HEAD if head else cls.DELTA
        return cls.FULL

    @property
    def is_lean(self) -> bool:
        return self is not Form.FULL

    @property
    def is_event(self) -> bool:
        return self in (Form.EVENT, Form.EVENT_AND_HEAD)

    @property
    def has_head(self) -> bool:
        return self in (Form.DELTA_AND_HEAD, Form.EVENT_AND_HEAD)


class Answer(NamedTuple):
    """What readers at one cursor get, and the cursor that they have afterwards.

    An empty body has nothing for readers: a draft moves the cursor, too.
    """

    body: bytes
    cursor: datetime


class Change(NamedTuple):
    """The latest change of one post; ``entry`` is ``None`` for a removal."""

    post_id: str
    cursor: datetime
    entry: bytes | None

    @property
    def size(self) -> int:
        return len(self.entry or b"")


def render_changes(channel: Channel, changes: updates.Changes) -> list[Change]:
    """The changes as they are sent, oldest first."""
    entries = updates.render_posts(changes.posts)
    rendered = [
        Change(str(post.pk), post.updated_at, _entry(str(post.pk), entries))
        for post in changes.posts
    ]
    rendered += [Change(post_id, cursor, None) for cursor, post_id in changes.removals]
    if changes.is_overview_changed:
        channel = Channel.objects.get(pk=channel.pk)
        head = updates.serialise(updates.render_overview(channel))[1:-1]
        rendered.append(Change(HEAD, channel.head_updated_at, b"," + head))
    return sorted(rendered, key=lambda change: change.cursor)


def _entry(post_id: str, entries: dict) -> bytes:
    return updates.serialise({post_id: entries[post_id]})[1:-1]


class History:
    """The changes of a channel between two cursors, oldest first, and bounded.

    It is complete for readers whose cursor lies between ``start`` and ``cursor``; what
    is older is in the database. Not thread-safe.
    """

    def __init__(self, cursor: datetime):
        self.start = self.cursor = cursor
        self._changes: OrderedDict[str, Change] = OrderedDict()
        self._size = 0
        self._answers: dict[tuple[datetime, Form], Answer] = {}

    def extend(self, changes: list[Change], until: datetime) -> None:
        """Take in what changed after ``cursor``, until then."""
        for change in changes:
            self._drop(change.post_id)
            self._changes[change.post_id] = change
            self._size += change.size
        while len(self._changes) > MOST_CHANGES or self._size > MOST_BYTES:
            self.start = self._drop(next(iter(self._changes))).cursor
        self.cursor = until
        self._answers.clear()

    def covers(self, since: datetime) -> bool:
        return self.start <= since <= self.cursor

    def answer(self, since: datetime, form: Form) -> Answer | None:
        """The answer to a reader, or ``None`` if only the database has it."""
        answer = self._answers.get((since, form))
        if answer is None and form.is_lean and self.covers(since):
            answer = self._compose(since, form)
            self.keep(since, form, answer)
        return answer

    def keep(self, since: datetime, form: Form, answer: Answer) -> None:
        """Remember an answer until the channel moves."""
        if answer.cursor != self.cursor or len(answer.body) > LARGEST_KEPT_ANSWER:
            return
        if len(self._answers) >= MOST_ANSWERS:
            del self._answers[next(iter(self._answers))]
        self._answers[since, form] = answer

    def _compose(self, since: datetime, form: Form) -> Answer:
        entries, removals, head = [], [], b""
        for change in reversed(self._changes.values()):
            if change.cursor <= since:
                break
            if change.entry is None:
                removals.append(change.post_id)
            elif change.post_id == HEAD:
                head = change.entry if form.has_head else b""
            else:
                entries.append(change.entry)
        if not entries and not removals and not head:
            return Answer(b"", self.cursor)
        body = b'{"updates":{%b},"removals":%b%b,"lastUpdateTimestamp":%b}' % (
            b",".join(reversed(entries)),
            updates.serialise(removals[::-1]),
            head,
            updates.serialise(cursors.to_timestamp(self.cursor)),
        )
        return Answer(frame(body, form, self.cursor), self.cursor)

    def _drop(self, post_id: str) -> Change | None:
        change = self._changes.pop(post_id, None)
        if change:
            self._size -= change.size
        return change


def frame(body: bytes, form: Form, cursor: datetime) -> bytes:
    """The body as its form demands: an event carries its cursor as ``id``."""
    if not form.is_event:
        return body
    identifier = updates.serialise(cursors.to_timestamp(cursor))
    return b"id: %b\ndata: %b\n\n" % (identifier, body)
