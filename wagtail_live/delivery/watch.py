"""A channel and the readers that wait for it in this process."""

from __future__ import annotations

import asyncio
import random
import time
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


class WaitingReader(NamedTuple):
    """A reader's request; ``public`` if they have access only while everybody has."""

    since: datetime
    wire_format: WireFormat
    public: bool


class Watch:
    """The readers of one channel, and its state as far as the hub knows.

    The hub calls every method with its lock held. A reader's future gets an ``Answer``,
    ``GONE``, ``ASK_DATABASE`` (the answer is older than the recent changes), or ``None``.
    """

    def __init__(self):
        self.key: Key | None = None
        self.recent: RecentChanges | None = None
        self.is_public = False  # also while nobody knows
        self.state: tuple | None = None  # as at the last check of access
        self.newcomers: set[asyncio.Future] = set()
        self.used_at = time.monotonic()
        self._readers: dict[Loop, dict[asyncio.Future, WaitingReader]] = {}

    def count_readers(self) -> int:
        return sum(len(readers) for readers in self._readers.values())

    @property
    def is_idle(self) -> bool:
        if self.newcomers or self._readers:
            return False
        return time.monotonic() - self.used_at > IDLE_TIMEOUT

    @property
    def is_checked(self) -> bool:
        """Return whether access has been checked since it changed."""
        return self.state is not None

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
        if is_up_to_date(since, self.recent.cursor, wire_format):
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

    def add(self, future: asyncio.Future, reader: WaitingReader) -> None:
        self._readers.setdefault(future.get_loop(), {})[future] = reader

    def remove(self, future: asyncio.Future) -> None:
        loop = future.get_loop()
        self._readers.get(loop, {}).pop(future, None)
        self._clear(loop)

    def remember(self, changes: list[Change] | None, until: datetime) -> None:
        """Add recent changes; restart if there are too many (``None``)."""
        if self.recent is None or changes is None:
            self.recent = RecentChanges(until)
        else:
            self.recent.extend(changes, until)

    def deliver(self) -> None:
        """Answer the readers whom the changes concern."""
        answers: dict[WaitingReader, Any] = {}
        for loop, readers in list(self._readers.items()):
            results = {}
            for future, reader in readers.items():
                if reader not in answers:
                    answers[reader] = self.answer(reader.since, reader.wire_format)
                if answers[reader] is not None:
                    results[future] = answers[reader]
            self._resolve(loop, results)
        self.resolve_newcomers(self)

    def dismiss(self, *, public_only: bool) -> None:
        """Send readers away: the channel is gone, or no longer public."""
        for loop, readers in list(self._readers.items()):
            leaving = [f for f, r in readers.items() if r.public or not public_only]
            self._resolve(loop, dict.fromkeys(leaving, GONE))
        if not public_only:
            self.resolve_newcomers(GONE)

    def resolve_newcomers(self, result: Any) -> None:
        """Resolve the futures of readers who came before the hub knew the channel."""
        newcomers, self.newcomers = self.newcomers, set()
        for future in newcomers:
            call_soon(future.get_loop(), resolve, future, result)

    def drain(self, within: float) -> None:
        """Send all readers away without an answer, spread over some seconds."""
        for loop, readers in self._readers.items():
            call_soon(loop, _drain, loop, list(readers), within)

    def _resolve(self, loop, results: dict[asyncio.Future, Any]) -> None:
        """Resolve all futures of an event loop with a single call into it."""
        readers = self._readers[loop]
        for future in results:
            del readers[future]
        self._clear(loop)
        if results:
            call_soon(loop, _resolve_all, results)

    def _clear(self, loop) -> None:
        """Forget a loop without readers, and remember when the last one left."""
        if not self._readers.get(loop):
            self._readers.pop(loop, None)
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


def _resolve_all(results: dict[asyncio.Future, Any]) -> None:
    for future, result in results.items():
        resolve(future, result)


def _drain(loop, futures: Iterable[asyncio.Future], within: float) -> None:
    for future in futures:
        loop.call_later(random.uniform(0, within), resolve, future, None)  # noqa: S311
