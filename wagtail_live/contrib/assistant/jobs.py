"""Asks the assistant in threads of its own, with limits of time and number."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import translation

from ... import cursors
from ...background import Threads, after_fork, retry_if_locked
from ...models import Channel
from . import conf
from .models import Suggestion, SuggestionState

logger = logging.getLogger("wagtail_live.assistant")

HOUR = timedelta(hours=1)
MAX_WAITING = 3  # suggestions for which a user may wait at once
MAX_THREADS = 8  # of a process; one whose provider never answers is lost


class TooMany(Exception):
    """The user has asked for too many suggestions, or the process is busy."""


class Slots:
    """Counts the threads of this process that ask the assistant."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self.taken = 0

    def take(self) -> bool:
        with self._lock:
            is_free = self.taken < MAX_THREADS
            self.taken += is_free
        return is_free

    def leave(self) -> None:
        with self._lock:
            self.taken -= 1


slots = Slots()
after_fork(slots.reset)
threads = Threads(MAX_THREADS)
after_fork(threads.reset)


def start(
    kind: str, user: Any, channel: Channel, ask: Callable[[Any], Any]
) -> Suggestion:
    """Call ``ask`` with the assistant in a thread, after the commit. Raise ``TooMany`` if the
    user has asked too often."""
    now = cursors.now()
    purge(now)
    mine = Suggestion.objects.filter(user=user, created_at__gt=now - HOUR)
    if mine.count() >= conf.get_limit():
        raise TooMany
    late = now - timedelta(seconds=conf.get_timeout())
    waiting = mine.filter(state=SuggestionState.WAITING, created_at__gt=late)
    if waiting.count() >= MAX_WAITING or not slots.take():
        raise TooMany
    try:
        suggestion = Suggestion.objects.create(channel=channel, user=user, kind=kind)
    except BaseException:
        slots.leave()
        raise
    job = partial(_run, suggestion.pk, ask, translation.get_language())
    transaction.on_commit(partial(threads.add, job))
    return suggestion


def _run(key: Any, ask: Callable[[Any], Any], language: str | None) -> None:
    try:
        with translation.override(language):
            cls = conf.get_assistant_class()
            answer = ask(cls()) if cls else None
    except Exception:  # a provider raises anything
        logger.exception("The assistant has failed.")
        answer = None
    state = SuggestionState.DONE if answer else SuggestionState.FAILED
    try:
        retry_if_locked(_store, key, state, answer)
    finally:
        slots.leave()


def _store(key: Any, state: SuggestionState, answer: Any) -> None:
    """Store an answer for which the user still waits."""
    waiting = Suggestion.objects.filter(pk=key, state=SuggestionState.WAITING)
    waiting.update(state=state, answer=answer)


def is_late(suggestion: Suggestion) -> bool:
    """Return whether a suggestion was not made in time."""
    age = cursors.now() - cursors.to_aware(suggestion.created_at)
    is_waiting = suggestion.state == SuggestionState.WAITING
    return is_waiting and age > timedelta(seconds=conf.get_timeout())


def purge(now: datetime) -> int:
    """Delete old suggestions; return their number."""
    number, _ = Suggestion.objects.filter(created_at__lte=now - HOUR).delete()
    return number
