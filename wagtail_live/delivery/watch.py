"""A channel and the readers that wait for it in this process."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from ..models import Channel
from . import access
from .histories import Key, histories
from .history import Change, RecentChanges
from .wire import Answer, WireFormat, is_up_to_date

Loop: TypeAlias = asyncio.AbstractEventLoop

IDLE_TIMEOUT = 10.0  # seconds that a channel stays watched without a reader

GONE = object()
ASK_DATABASE = object()
FORGOTTEN = object()  # the hub no longer has the watch, or has to check access


class Position(NamedTuple):
    """A reader's request; ``public`` if they have access only while everybody has."""

    since: datetime
    wire_format: WireFormat
    public: bool


class Reader:
    """A reader that waits in an event loop, where the hub calls its methods.

    It may be given one more result after it has left.
    """

    __slots__ = ("group", "loop")
    stays = False  # whether the reader waits on after an answer, at the answer's cursor

    def __init__(self, loop: Loop):
        self.loop = loop
        self.group: Group | None = None

    def take(self, result: Any) -> None:
        """Take an ``Answer``, ``GONE``, ``ASK_DATABASE`` (the answer is older than the
        recent changes), or ``None`` (the hub sends its readers away)."""
        raise NotImplementedError

    @classmethod
    def take_all(
        cls, readers: Iterable[Reader], result: Any, position: Position
    ) -> None:
        """Give the same to many readers of this class, who waited at a position."""
        for reader in readers:
            reader.take(result)


class WaitingTask(Reader):
    """A task that awaits one answer."""

    __slots__ = ("future",)

    def __init__(self, loop: Loop):
        super().__init__(loop)
        self.future = loop.create_future()

    def take(self, result: Any) -> None:
        resolve(self.future, result)


GroupKey: TypeAlias = tuple[Loop, type[Reader], Position]


class Group:
    """Readers of one class who wait in one event loop at one position."""

    __slots__ = ("loop", "position", "reader_class", "readers", "watch")

    def __init__(self, watch: Watch, key: GroupKey):
        self.watch = watch
        self.loop, self.reader_class, self.position = key
        self.readers: set[Reader] = set()

    @property
    def key(self) -> GroupKey:
        return self.loop, self.reader_class, self.position

    def add(self, reader: Reader) -> None:
        reader.group = self
        self.readers.add(reader)


class Watch:
    """The readers of one channel, and its state as far as the hub knows.

    The hub calls every method with its lock held.
    """

    def __init__(self):
        self.key: Key | None = None
        self.recent: RecentChanges | None = None
        self.is_public = False  # also while nobody knows
        self.state: access.State | None = None  # as at the last check of access
        self.newcomers: set[asyncio.Future] = set()
        self.used_at = time.monotonic()
        self._groups: dict[GroupKey, Group] = {}

    def count_readers(self) -> int:
        return sum(len(group.readers) for group in list(self._groups.values()))

    @property
    def is_idle(self) -> bool:
        if self.newcomers or self._groups:
            return False
        return time.monotonic() - self.used_at > IDLE_TIMEOUT

    @property
    def is_checked(self) -> bool:
        """Return whether access has been checked since it changed."""
        return self.state is not None

    @property
    def open_path(self) -> str:
        """Return the path of the page if everybody may follow it, else an empty string."""
        state = self.state  # another thread may forget it
        return state.path if state and self.is_public else ""

    def forget_access(self) -> None:
        self.is_public, self.state = False, None

    def needs_access_check(self, channel: Channel) -> bool:
        """Return whether the last check may be older than the last change, of the channel
        or of access to it, or whether newcomers wait for access."""
        has_moved = not self.recent or self.recent.cursor != channel.last_updated_at
        is_waiting = bool(self.newcomers) and not self.is_public
        return has_moved or is_waiting or self.state != access.get_state(channel)

    def knows(self, cursor: datetime | None) -> bool:
        return bool(cursor and self.recent and cursor <= self.recent.cursor)

    def answer(self, since: datetime, wire_format: WireFormat):
        """Return a reader's answer at once; ``None`` if they have to wait."""
        cursor = self.recent.cursor
        if since == cursor or is_up_to_date(since, cursor, wire_format):
            return None
        answer = self.recent.answer(since, wire_format) or self._recall(
            since, wire_format
        )
        if answer is None:
            return ASK_DATABASE
        return answer if answer.body else None

    def _recall(self, since: datetime, wire_format: WireFormat) -> Answer | None:
        """Return an answer that was loaded for others, or that is like theirs."""
        history = histories.find(self.key)
        return history and history.recall(self.recent.cursor, since, wire_format)

    def add(self, reader: Reader, position: Position) -> None:
        key = reader.loop, type(reader), position
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(self, key)
        group.add(reader)

    def remove(self, reader: Reader) -> None:
        """Remove a reader, unless they have been sent away."""
        group = reader.group
        if group and reader in group.readers:
            group.readers.remove(reader)
            if not group.readers:
                self._forget(group)

    def remember(self, changes: list[Change] | None, until: datetime) -> None:
        """Add recent changes; restart if there are too many (``None``)."""
        if self.recent is None or changes is None:
            self.recent = RecentChanges(until)
        else:
            self.recent.extend(changes, until)

    def deliver(self) -> None:
        """Answer the readers whom the changes concern."""
        answered = []
        for group in list(self._groups.values()):
            answer = self.answer(group.position.since, group.position.wire_format)
            if answer is not None:
                answered.append((group, answer))
        self._give(answered)
        self.resolve_newcomers(self)

    def tell(self, event: bytes) -> None:
        """Give an event that is no update to the streams of ``<live-blog>``."""
        streams = [
            (group, Answer(event, group.position.since))
            for group in list(self._groups.values())
            if group.position.wire_format is WireFormat.EVENT_WITH_OVERVIEW
        ]
        self._give(streams)

    def dismiss(self, *, public_only: bool) -> None:
        """Send readers away: the channel is gone, or no longer public."""
        groups = list(self._groups.values())
        leaving = [g for g in groups if g.position.public or not public_only]
        self._give([(group, GONE) for group in leaving])
        if not public_only:
            self.resolve_newcomers(GONE)

    def resolve_newcomers(self, result: Any) -> None:
        """Resolve the futures of readers who came before the hub knew the channel."""
        newcomers, self.newcomers = self.newcomers, set()
        for future in newcomers:
            call_soon(future.get_loop(), resolve, future, result)

    def drain(self, within: float) -> None:
        """Send all readers away without an answer, spread over some seconds."""
        # A copy: the garbage collector may end a reader in this thread meanwhile.
        for group in list(self._groups.values()):
            call_soon(group.loop, _drain, group.loop, list(group.readers), within)

    def _give(self, results: list[tuple[Group, Any]]) -> None:
        """Give readers what they wait for, with a single call into each event loop."""
        batches: defaultdict[Loop, list] = defaultdict(list)
        for group, result in results:
            self._forget(group)
            position, readers = group.position, group.readers
            if group.reader_class.stays and isinstance(result, Answer):
                readers = readers.copy()
                self._move(group, result.cursor)
            else:
                group.readers = set()
            batch = group.reader_class, readers, result, position
            batches[group.loop].append(batch)
        for loop, batch in batches.items():
            call_soon(loop, _take_all, batch)

    def _move(self, group: Group, cursor: datetime) -> None:
        """Let a group wait at its next cursor, together with those who are there."""
        group.position = group.position._replace(since=cursor)
        other = self._groups.setdefault(group.key, group)
        if other is not group:
            small, large = sorted((group, other), key=lambda g: len(g.readers))
            for reader in small.readers:
                large.add(reader)
            self._groups[group.key] = large

    def _forget(self, group: Group) -> None:
        """Forget a group, and remember when the last reader left."""
        if self._groups.get(group.key) is group:
            del self._groups[group.key]
            self.used_at = time.monotonic()


def resolve(future: asyncio.Future, result: Any) -> None:
    if not future.done():
        future.set_result(result)


def call_soon(loop: Loop, function, *args) -> None:
    """Call a function in the loop from another thread; do nothing if it is closed."""
    try:
        loop.call_soon_threadsafe(partial(function, *args))
    except RuntimeError:
        if not loop.is_closed():
            raise


def _take_all(batches: list[tuple[type[Reader], set[Reader], Any, Position]]) -> None:
    for reader_class, readers, result, position in batches:
        reader_class.take_all(readers, result, position)


def _drain(loop: Loop, readers: Iterable[Reader], within: float) -> None:
    for reader in readers:
        loop.call_later(random.uniform(0, within), reader.take, None)  # noqa: S311
