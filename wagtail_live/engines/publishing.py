"""The thread that publishes to the push engine, so that no request waits for it."""

from __future__ import annotations

import atexit
import logging
import math
import random
import threading
import time
from typing import Any

from django.core.signals import request_started, setting_changed
from django.db import Error, connections

from .. import conf
from ..background import WAIT_TIMEOUT, Threads, after_fork
from ..models import Channel
from ..monitoring.counters import counters
from ..signals import access_changed, channel_changed, readers_waiting
from .base import BaseEngine, EngineFailed
from .outbox import find_work, publish

logger = logging.getLogger("wagtail_live.engines")

LOOK_INTERVAL = 5.0  # seconds between two looks for what others have left
MIN_BACK_OFF = 0.25  # seconds until a publication that failed is retried
MAX_BACK_OFF = 15.0
LOG_INTERVAL = 60.0  # seconds between two log lines about failures


class Publisher:
    """Publishes to one server of the engine, in a thread that starts with the first
    request or update of this process. Thread-safe."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._lock = threading.Lock()
        self._threads = Threads(max_threads=1, keeps_connections=True)
        self._changed: set[str] = set()
        self._looks_at_all = self._is_started = False
        self._scheduled = math.inf
        self._failures = 0
        self._retry_at = 0.0
        self._logged_at = -LOG_INTERVAL

    def start(self) -> None:
        """Begin to look at all channels every few seconds."""
        if self._is_started:
            return
        with self._lock:
            is_first, self._is_started = not self._is_started, True
        if is_first:
            self._threads.add(self._look)

    def stop(self) -> None:
        """Close the connection to the database; the thread ends soon."""
        self._threads.add(connections.close_all)

    def notify(self, channel_id: str | None = None) -> None:
        """Publish a channel soon, or (``None``) look at all of them."""
        self.start()
        with self._lock:
            if channel_id is None:
                self._looks_at_all = True
            else:
                self._changed.add(channel_id)
        self._schedule(0.0)

    def wait(self, timeout: float = WAIT_TIMEOUT) -> bool:
        """Wait until what is due has been published; return ``False`` after the timeout."""
        return self._threads.wait(timeout)

    def _look(self) -> None:
        if _publishers.get(self.server) is not self:  # any longer, as after a test
            return
        self._threads.add(self._look, LOOK_INTERVAL)
        self.notify()

    def _schedule(self, delay: float) -> None:
        now = time.monotonic()
        with self._lock:
            due = max(now + delay, self._retry_at)
            if self._scheduled <= due:
                return
            self._scheduled = due
        self._threads.add(self._run, due - now)

    def _run(self) -> None:
        engine = conf.get_engine()
        with self._lock:
            self._scheduled = math.inf
            changed, self._changed = self._changed, set()
            looks_at_all, self._looks_at_all = self._looks_at_all, False
        if engine is None or self.server not in engine.servers:
            return
        try:
            if looks_at_all:
                changed |= find_work(self.server)
            self._publish_all(engine, changed)
        except (EngineFailed, Error) as error:
            connections.close_all()
            self._note("can't publish", error)
            with self._lock:
                self._changed |= changed
                self._looks_at_all |= looks_at_all
                self._failures += 1
                longest = min(MAX_BACK_OFF, MIN_BACK_OFF * 2**self._failures)
                delay = random.uniform(MIN_BACK_OFF, longest)  # noqa: S311
                self._retry_at = time.monotonic() + delay
            self._schedule(delay)
        else:
            self._failures, self._retry_at = 0, 0.0

    def _publish_all(self, engine: BaseEngine, channel_ids: set[str]) -> None:
        """Publish channels; one that the engine refuses must not stop the others."""
        refusal = None
        for channel_id in channel_ids:
            try:
                self._publish(engine, channel_id)
            except EngineFailed as error:
                if not error.is_answer:
                    raise
                refusal = error
        if refusal:
            raise refusal

    def _publish(self, engine: BaseEngine, channel_id: str) -> None:
        try:
            wait = publish(engine, self.server, channel_id)
        except (EngineFailed, Error):
            raise
        except Exception as error:
            # An error in one of the site's templates must not stop other channels.
            self._note(f"can't publish channel {channel_id}", error)
            logger.debug("The updates can't be rendered.", exc_info=True)
            return
        if wait:
            with self._lock:
                self._changed.add(channel_id)
            self._schedule(wait)

    def _note(self, problem: str, error: Exception) -> None:
        counters.note_error("engine", error)
        if time.monotonic() - self._logged_at >= LOG_INTERVAL:
            self._logged_at = time.monotonic()
            logger.warning("The push engine: %s: %s. Retrying.", problem, error)


_publishers: dict[str, Publisher] = {}
_lock = threading.Lock()


def get_publishers() -> list[Publisher]:
    """Return the publisher of each server of the engine, if one is set."""
    engine = conf.get_engine()
    if engine is None:
        return []
    with _lock:
        for server in engine.servers:
            if server not in _publishers:
                _publishers[server] = Publisher(server)
        return [_publishers[server] for server in engine.servers]


def wait(timeout: float = WAIT_TIMEOUT) -> bool:
    """Wait until what is due has been published; return ``False`` after the timeout."""
    end = time.monotonic() + timeout
    publishers = list(_publishers.values())
    return all(publisher.wait(end - time.monotonic()) for publisher in publishers)


def forget() -> None:
    """Drop the publishers, in a forked child: its parent's threads are not there."""
    global _lock
    _lock = threading.Lock()
    _publishers.clear()


after_fork(forget)
atexit.register(wait)  # for updates of a command


def publish_channel(channel: Channel, **kwargs: Any) -> None:
    for publisher in get_publishers():
        publisher.notify(channel.channel_id)


def look_at_access(**kwargs: Any) -> None:
    for publisher in get_publishers():
        publisher.notify()


def start(**kwargs: Any) -> None:
    for publisher in get_publishers():
        publisher.start()


def connect(**kwargs: Any) -> None:
    """Listen to the signals while an engine is set: else none of this costs anything."""
    is_set = conf.get_engine() is not None
    for publisher in _publishers.values():
        publisher.stop()
    _publishers.clear()
    for signal, function in (
        (channel_changed, publish_channel),
        (access_changed, look_at_access),
        (request_started, start),
        (readers_waiting, start),
    ):
        (signal.connect if is_set else signal.disconnect)(function)


setting_changed.connect(connect)
