"""A channel with the readers that wait for it in this process."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from .history import Form, History

LINGER = 10.0  # seconds that a channel stays watched without a reader

GONE = object()
ASK_DATABASE = object()
FORGOTTEN = object()  # the hub has let go of the watch meanwhile


class Seat(NamedTuple):
    """What a reader waits for. ``public``: only while the channel is open to all."""

    since: datetime
    form: Form
    public: bool


class Watch:
    """The readers of one channel, and what the hub knows of it.

    The hub calls every method with its lock held. A reader's future gets an ``Answer``,
    ``GONE``, ``ASK_DATABASE`` (the answer is older than the history), or ``None``.
    """

    def __init__(self):
        self.history: History | None = None
        self.is_public = False
        self.newcomers: list[asyncio.Future] = []
        self.used_at = time.monotonic()
        self._seats: dict[asyncio.AbstractEventLoop, dict[asyncio.Future, Seat]] = {}

    def count_readers(self) -> int:
        return sum(len(seats) for seats in self._seats.values())

    @property
    def is_idle(self) -> bool:
        if self.newcomers or self._seats:
            return False
        return time.monotonic() - self.used_at > LINGER

    @property
    def is_doubted(self) -> bool:
        """Whether somebody came to whom the channel, as far as known, is closed."""
        return bool(self.newcomers) and not self.is_public

    def answer(self, since: datetime, form: Form):
        """What a reader gets at once; ``None`` if he has to wait."""
        if since >= self.history.cursor and (
            since == self.history.cursor or form is Form.FULL
        ):
            return None
        answer = self.history.answer(since, form)
        if answer is None:
            return ASK_DATABASE
        return answer if answer.body else None

    def take_seat(self, future: asyncio.Future, seat: Seat) -> None:
        self._seats.setdefault(future.get_loop(), {})[future] = seat

    def leave(self, future: asyncio.Future) -> None:
        loop = future.get_loop()
        seats = self._seats.get(loop, {})
        seats.pop(future, None)
        self._clear(loop)

    def deliver(self) -> None:
        """Answer everybody for whom there is something new."""
        answers: dict[Seat, Any] = {}
        for loop, seats in list(self._seats.items()):
            results = {}
            for future, seat in seats.items():
                if seat not in answers:
                    answers[seat] = self.answer(seat.since, seat.form)
                if answers[seat] is not None:
                    results[future] = answers[seat]
            self._hand_out(loop, results)

    def dismiss(self, *, public_only: bool) -> None:
        """Let readers go because the channel is gone, or no longer open to all."""
        for loop, seats in list(self._seats.items()):
            leaving = [f for f, seat in seats.items() if seat.public or not public_only]
            self._hand_out(loop, dict.fromkeys(leaving, GONE))
        if not public_only:
            self.greet(GONE)

    def greet(self, result: Any) -> None:
        """Tell those who came while the hub did not know the channel yet."""
        newcomers, self.newcomers = self.newcomers, []
        for future in newcomers:
            call_soon(future.get_loop(), resolve, future, result)

    def drain(self, within: float) -> None:
        """Send everybody away without an answer, spread over some seconds."""
        for loop, seats in self._seats.items():
            call_soon(loop, _drain, loop, list(seats), within)

    def _hand_out(self, loop, results: dict[asyncio.Future, Any]) -> None:
        """Cross into the event loop once, however many readers it has."""
        seats = self._seats[loop]
        for future in results:
            del seats[future]
        self._clear(loop)
        if results:
            call_soon(loop, _resolve_all, results)

    def _clear(self, loop) -> None:
        """Remember when the last reader of the loop went, and forget the loop."""
        if not self._seats.get(loop):
            self._seats.pop(loop, None)
            self.used_at = time.monotonic()


def resolve(future: asyncio.Future, result: Any) -> None:
    if not future.done():
        future.set_result(result)


def call_soon(loop: asyncio.AbstractEventLoop, function, *args) -> None:
    """Call in the loop from another thread; a loop that has ended has no readers."""
    try:
        loop.call_soon_threadsafe(partial(function, *args))
    except RuntimeError:
        if not loop.is_closed():
            raise


def _resolve_all(results: dict[asyncio.Future, Any]) -> None:
    for future, result in results.items():
        if not future.done():
            future.set_result(result)


def _drain(loop, futures: Iterable[asyncio.Future], within: float) -> None:
    for future in futures:
        loop.call_later(random.uniform(0, within), resolve, future, None)  # noqa: S311
