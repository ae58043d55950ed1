"""Others that the thread of the hub works for, such as the open desks. Their errors don't
delay readers."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import NamedTuple, Protocol

from django.db import connection

from ..monitoring.counters import counters

logger = logging.getLogger("wagtail_live.delivery.hub")

MIN_BACK_OFF = 1.0  # seconds without a look after an error
MAX_BACK_OFF = 30.0


class Companion(Protocol):
    def notify(self, channel_id: str | None, cursor: datetime | None) -> bool:
        """Take a message of the bus; return whether it was for the companion, not for readers."""
        ...

    def look(self) -> None:
        """Look at the database."""
        ...

    def drain(self, within: float) -> None: ...


class Pause(NamedTuple):
    """The time until which a companion that failed isn't called, and how long that is."""

    until: float
    length: float


class Companions:
    """The companions of the hub of this process."""

    def __init__(self) -> None:
        self.members: dict[Companion, Pause | None] = {}

    def add(self, companion: Companion) -> None:
        self.members.setdefault(companion, None)

    def discard(self, companion: Companion) -> None:
        self.members.pop(companion, None)

    def notify(self, channel_id: str | None, cursor: datetime | None) -> bool:
        """Pass on a message of the bus; return whether a companion took it, not a reader."""
        heard = [each.notify(channel_id, cursor) for each in list(self.members)]
        return any(heard)

    def drain(self, within: float) -> None:
        for companion in list(self.members):
            companion.drain(within)

    def look(self) -> None:
        """Let each companion look at the database; one that fails has a break."""
        for companion, pause in list(self.members.items()):
            if pause and time.monotonic() < pause.until:
                continue
            try:
                companion.look()
                after = None
            except Exception as error:
                after = self._handle(error, pause)
            if companion in self.members:
                self.members[companion] = after

    def _handle(self, error: Exception, before: Pause | None) -> Pause:
        counters.note_error("hub", error)
        length = min(MAX_BACK_OFF, before.length * 2 if before else MIN_BACK_OFF)
        logger.warning("Can't look for changes at desks; next attempt in %s s.", length)
        logger.debug("Can't look for changes at desks.", exc_info=True)
        connection.close()
        return Pause(time.monotonic() + length, length)


companions = Companions()
