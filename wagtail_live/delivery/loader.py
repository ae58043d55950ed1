"""Loads answers for cursors that the hub does not remember, in a thread of its own, so
that no other reader waits for them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DatabaseError, connection

from ..background import fork_guard
from ..monitoring.counters import counters
from . import access
from .access import Unavailable
from .histories import histories
from .watch import GONE, call_soon, resolve
from .wire import WireFormat

logger = logging.getLogger("wagtail_live.delivery.hub")

RETRY_INTERVAL = 0.25  # seconds between two attempts while the database is unavailable
MAX_CHANNELS = 50  # that wait to be loaded
IDLE_TIMEOUT = 5.0  # seconds after which the thread ends, with its connection


class Question(NamedTuple):
    since: datetime
    wire_format: WireFormat


class Loader:
    """Answers all readers who wait for a channel with one load. Thread-safe.

    A channel that nobody waits for any longer is not loaded.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: OrderedDict[str, dict[asyncio.Future, Question]] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    async def load(
        self, channel_id: str, since: datetime, wire_format: WireFormat, deadline: float
    ):
        """Return the answer, ``GONE``, or ``None`` if the database is unavailable; raise
        ``Unavailable`` if too many channels wait."""
        loop = asyncio.get_running_loop()
        question = Question(since, wire_format)
        while True:
            result = await self._ask(channel_id, question)
            if not isinstance(result, Exception):
                return result
            if not isinstance(result, DatabaseError):
                raise result
            if loop.time() > deadline:
                return None
            await asyncio.sleep(RETRY_INTERVAL)

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            thread = self._thread
            self._changed.notify_all()
        if thread:
            thread.join()

    async def _ask(self, channel_id: str, question: Question) -> Any:
        future = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._is_closed:
                return None
            if channel_id not in self._waiting and len(self._waiting) >= MAX_CHANNELS:
                raise Unavailable
            self._waiting.setdefault(channel_id, {})[future] = question
            if self._thread is None:
                thread = threading.Thread(
                    target=self._run, name="wagtail-live-loader", daemon=True
                )
                thread.start()
                self._thread = thread  # only if the thread could start
            self._changed.notify_all()
        try:
            return await future
        finally:
            with self._changed:
                readers = self._waiting.get(channel_id, {})
                if readers.pop(future, None) and not readers:
                    del self._waiting[channel_id]

    def _run(self) -> None:
        while waiting := self._next():
            channel_id, readers = waiting
            with fork_guard:
                results = self._answer(channel_id, set(readers.values()))
            for future, question in readers.items():
                call_soon(future.get_loop(), resolve, future, results[question])
        with fork_guard:
            connection.close()

    def _next(self) -> tuple[str, dict[asyncio.Future, Question]] | None:
        """Wait for a channel and its readers; ``None`` ends the thread."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._is_closed, IDLE_TIMEOUT
            )
            if self._waiting and not self._is_closed:
                return self._waiting.popitem(last=False)
            self._thread = None
            for readers in self._waiting.values():
                for future in readers:
                    call_soon(future.get_loop(), resolve, future, None)
            return None

    def _answer(self, channel_id: str, questions: set[Question]) -> dict[Question, Any]:
        try:
            return load_answers(channel_id, questions)
        except DatabaseError as error:
            connection.close()
            return dict.fromkeys(questions, error)
        except Exception as error:
            counters.note_error("hub", error)
            # An error in one of the site's templates must not stop other channels.
            logger.exception("Can't render the posts of channel %s.", channel_id)
            return dict.fromkeys(questions, Unavailable())


def load_answers(channel_id: str, questions: set[Question]) -> dict[Question, Any]:
    """Return the answers to all questions about a channel; ``GONE`` if there is none."""
    channel = access.get_channel(channel_id)
    answers: dict[Question, Any] = {}
    for question in questions:
        while channel and question not in answers:
            if answer := histories.answer(channel, *question):
                answers[question] = answer
            else:  # it has changed since it was read
                channel = access.get_channel(channel_id)
    return answers if channel else dict.fromkeys(questions, GONE)
