"""The base class of all buses, and the bus of this process."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from .. import conf, cursors
from ..background import after_fork
from ..monitoring.counters import counters

logger = logging.getLogger("wagtail_live.bus")

MAX_BACK_OFF = 5.0  # seconds between two attempts to connect
ALL_CHANNELS = ""  # in place of a channel's id: access to pages may have ended
LOG_INTERVAL = 60.0  # seconds between two log lines about the same problem


class BaseBus:
    """Tells the hubs of all processes that a channel has changed.

    A bus only says "look": a message is a channel's id and its cursor, below 400 bytes,
    without content; ``ALL_CHANNELS`` in place of the id says that access to pages may have
    ended. The hub looks in the database whenever the bus has connected, and
    every ``look_interval`` seconds, so a bus may drop, repeat and reorder messages:
    updates are then late by that interval, but never lost.

    Override ``publish`` and ``listen``, and name the subclass in the setting
    ``WAGTAIL_LIVE_BUS`` as ``{"default": {"BACKEND": …, "LOCATION": …, "OPTIONS": {…}}}``.
    ``location`` and ``options`` come from there.
    """

    look_interval = 5.0

    def __init__(self, location: str = "", options: dict | None = None):
        self.location = location
        self.options = options or {}
        self._stopping = threading.Event()
        self._logged_at = -LOG_INTERVAL
        self._skip_until = 0.0
        self.is_connected = False

    def publish(self, message: str) -> None:
        """Send a message to all processes, within about a second. May raise."""

    def listen(self, stopping: threading.Event) -> Iterator[str | None]:
        """Connect and yield messages until ``stopping`` is set; raise if the connection
        is lost. Yield ``None`` once connected, and then a message or ``""`` at least once
        a second."""
        yield None

    def check(self) -> list[CheckMessage]:
        """Return system check messages about the bus's settings."""
        return []

    def announce(self, channel_id: str, cursor: datetime, *, using: str) -> None:
        """Publish after the commit; called inside the writing transaction."""
        if type(self).publish is BaseBus.publish:
            return
        message = encode(channel_id, cursor)
        transaction.on_commit(partial(self._publish, message), using=using, robust=True)

    def start(self, notify: Callable) -> None:
        """Listen in a thread; call ``notify(channel_id, cursor)`` for each message and
        ``notify()`` after each connection."""
        if not self.listens:
            return
        self._stopping = threading.Event()
        threading.Thread(
            target=self._listen,
            args=[notify, self._stopping],
            name="wagtail-live-bus",
            daemon=True,
        ).start()

    def stop(self) -> None:
        self._stopping.set()
        self.is_connected = False

    @property
    def listens(self) -> bool:
        """True if the bus receives messages; otherwise the hub only polls the database."""
        return type(self).listen is not BaseBus.listen

    def _publish(self, message: str) -> None:
        """Publish without making the writer fail or wait if the bus is unavailable."""
        if time.monotonic() < self._skip_until:
            return
        try:
            self.publish(message)
        except Exception as error:
            self._skip_until = time.monotonic() + self.look_interval
            self._log("can't send messages", error)

    def _listen(self, notify: Callable, stopping: threading.Event) -> None:
        failures = 0
        while not stopping.is_set():
            try:
                for message in self.listen(stopping):
                    if message is None:
                        failures = 0
                        self.is_connected = not stopping.is_set()
                        counters.bus_connects += 1
                        notify()
                    elif message:
                        self._pass_on(message, notify)
            except Exception as error:
                if stopping.is_set():
                    return  # another thread may have connected since
                failures += 1
                self._log("has no connection", error)
                self.is_connected = False
                longest = min(MAX_BACK_OFF, 0.1 * 2**failures)
                stopping.wait(random.uniform(0.05, longest))  # noqa: S311

    def _pass_on(self, message: str, notify: Callable) -> None:
        try:
            heard = decode(message)
        except ValueError as error:
            self._log("got an unknown message", error)
        else:
            notify(*heard)

    def _log(self, problem: str, error: Exception) -> None:
        counters.note_error("bus", error)
        if time.monotonic() - self._logged_at >= LOG_INTERVAL:
            self._logged_at = time.monotonic()
            logger.warning(
                "%s %s: %s. Updates are up to %s s late.",
                type(self).__name__,
                problem,
                str(error).rstrip("."),
                self.look_interval,
            )


def encode(channel_id: str, cursor: datetime) -> str:
    return json.dumps([channel_id, cursors.to_timestamp(cursor)])


def decode(message: str) -> tuple[str, datetime]:
    """Return the channel's id and cursor; raise ``ValueError`` for other messages."""
    try:
        channel_id, timestamp = json.loads(message)
        cursor = cursors.at(timestamp)
    except (TypeError, OverflowError, OSError) as error:
        raise ValueError(f"Unknown message: {message[:80]!r}") from error
    if not isinstance(channel_id, str):
        raise ValueError(f"Unknown message: {message[:80]!r}")
    return channel_id, cursor


_lock = threading.Lock()
_current: tuple[tuple, BaseBus] | None = None


def get_bus() -> BaseBus:
    """Return this process's bus, for the current setting ``WAGTAIL_LIVE_BUS``.

    A wrong setting is an error of the system checks. Where a server runs none, it is
    logged, and hubs only poll: neither readers nor writers depend on a bus.
    """
    global _current
    problem = None
    try:
        configuration = conf.get_bus_configuration()
    except ImproperlyConfigured as error:
        configuration, problem = (BaseBus, "", {}), error
    with _lock:  # all threads must get the same bus
        if _current is None or _current[0] != configuration:
            bus_class, location, options = configuration
            _current = configuration, bus_class(location, options)
            if problem:
                counters.note_error("bus", problem)
                logger.error(
                    "%s Updates reach other processes up to %s s late. %s",
                    problem,
                    BaseBus.look_interval,
                    conf.SETTINGS["WAGTAIL_LIVE_BUS"].hint,
                )
        return _current[1]


def _forget_bus() -> None:
    """Forget the bus in a forked child: its connections belong to the parent."""
    global _current, _lock
    _current, _lock = None, threading.Lock()


after_fork(_forget_bus)
