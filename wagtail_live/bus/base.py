"""What every bus has in common, and what a bus of your own has to do."""

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
from django.db import transaction

from .. import cursors
from ..monitoring.counters import measures

logger = logging.getLogger("wagtail_live.bus")

LONGEST_BACK_OFF = 5.0  # seconds between two tries to connect
LOG_INTERVAL = 60.0  # seconds between two log lines about the same trouble


class BaseBus:
    """Tells the hubs of all processes that a channel has moved.

    A bus only says "look": a message is a channel's id and its cursor, below 400 bytes,
    and no content. The hub looks into the database whenever the bus has connected, and
    every ``look_interval`` seconds, so a bus may drop, repeat and reorder messages;
    updates are then late by that interval, and never lost.

    Subclass it with ``publish`` and ``listen`` and name the subclass in the setting
    ``WAGTAIL_LIVE_BUS`` as ``{"default": {"BACKEND": …, "LOCATION": …, "OPTIONS": {…}}}``.
    ``location`` and ``options`` are what the site has set there.
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
        """Send a message to all processes. May raise; gets about a second."""

    def listen(self, stopping: threading.Event) -> Iterator[str | None]:
        """Connect and yield messages until ``stopping`` is set; raise if the connection
        is lost. Yields ``None`` once connected, and then at least once a second, with a
        message or with ``""`` for none."""
        yield None

    def check(self) -> list[CheckMessage]:
        """System check messages about the bus's settings."""
        return []

    def announce(self, channel_id: str, cursor: datetime, *, using: str) -> None:
        """Called inside the writing transaction: publishes once that is committed."""
        message = encode(channel_id, cursor)
        transaction.on_commit(partial(self._publish, message), using=using, robust=True)

    def start(self, notify: Callable) -> None:
        """Listen in a thread, and call ``notify(channel_id, cursor)`` for each message
        and ``notify()`` after each connect."""
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
        """Whether the bus is told of updates, or only has the hub look by itself."""
        return type(self).listen is not BaseBus.listen

    def _publish(self, message: str) -> None:
        """A writer never fails and hardly waits because the bus is away."""
        if time.monotonic() < self._skip_until:
            return
        try:
            self.publish(message)
        except Exception as error:
            self._skip_until = time.monotonic() + self.look_interval
            self._log("can't be written to", error)

    def _listen(self, notify: Callable, stopping: threading.Event) -> None:
        tries = 0
        while not stopping.is_set():
            try:
                for message in self.listen(stopping):
                    if message is None:
                        tries = 0
                        self.is_connected = True
                        measures.bus_connects += 1
                        notify()
                    elif message:
                        self._pass_on(message, notify)
            except Exception as error:
                tries += 1
                self._log("is away", error)
                self.is_connected = False
                longest = min(LONGEST_BACK_OFF, 0.1 * 2**tries)
                stopping.wait(random.uniform(0.05, longest))  # noqa: S311

    def _pass_on(self, message: str, notify: Callable) -> None:
        try:
            heard = decode(message)
        except ValueError as error:
            self._log("carries what is not ours", error)
        else:
            notify(*heard)

    def _log(self, trouble: str, error: Exception) -> None:
        measures.note_trouble("bus", error)
        if time.monotonic() - self._logged_at >= LOG_INTERVAL:
            self._logged_at = time.monotonic()
            logger.warning(
                "%s %s: %s. Updates are up to %s s late.",
                type(self).__name__,
                trouble,
                str(error).rstrip("."),
                self.look_interval,
            )


def encode(channel_id: str, cursor: datetime) -> str:
    return json.dumps([channel_id, cursors.to_timestamp(cursor)])


def decode(message: str) -> tuple[str, datetime]:
    """The inverse of ``encode``; ``ValueError`` for what no process of ours sent."""
    try:
        channel_id, timestamp = json.loads(message)
        cursor = cursors.from_timestamp(timestamp)
    except (TypeError, OverflowError, OSError) as error:
        raise ValueError(f"No message of ours: {message[:80]!r}") from error
    if not isinstance(channel_id, str):
        raise ValueError(f"No message of ours: {message[:80]!r}")
    return channel_id, cursor
