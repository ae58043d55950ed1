"""Regular looks at many waiting connections, with one timer for each event loop."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol, TypeAlias

Loop: TypeAlias = asyncio.AbstractEventLoop

SLOTS = 17  # a prime number, over which the addresses of objects of any size spread

logger = logging.getLogger("wagtail_live.delivery")


class Member(Protocol):
    """A connection that waits in an event loop."""

    loop: Loop

    def look(self, now: float) -> None:
        """Check what time has done to the connection; ``now`` is the loop's time."""


class Rounds:
    """Calls ``look`` of each member once in a period of seconds, the first time within it.

    Each event loop calls the methods for its own members. They are spread over slots, so
    that none of the calls takes long. The timer runs only while there are members.
    """

    def __init__(self, period: float):
        self.period = period
        self._slots: dict[Loop, list[set[Member]]] = {}

    @property
    def is_idle(self) -> bool:
        return all(loop.is_closed() for loop in list(self._slots))

    def add(self, member: Member) -> None:
        slots = self._slots.get(member.loop)
        if slots is None:
            self._forget_closed_loops()
            slots = self._slots[member.loop] = [set() for _ in range(SLOTS)]
            self._schedule(member.loop, 0)
        slots[hash(member) % SLOTS].add(member)

    def discard(self, member: Member) -> None:
        """Look at a member no more; do nothing if it is none."""
        if slots := self._slots.get(member.loop):
            slots[hash(member) % SLOTS].discard(member)

    def _forget_closed_loops(self) -> None:
        """Drop those whose timer never fired again."""
        for loop in list(self._slots):
            if loop.is_closed():
                self._slots.pop(loop, None)

    def _schedule(self, loop: Loop, number: int) -> None:
        loop.call_later(self.period / SLOTS, self._look, loop, number)

    def _look(self, loop: Loop, number: int) -> None:
        slots = self._slots[loop]
        if not any(slots):
            del self._slots[loop]
            return
        self._schedule(loop, (number + 1) % SLOTS)
        now = loop.time()
        slot = slots[number]
        for member in list(slot):
            if member in slot:  # it has not left meanwhile
                self._look_at(member, now)

    def _look_at(self, member: Member, now: float) -> None:
        try:
            member.look(now)
        except Exception:  # must not stop the others
            logger.exception("Can't check a waiting connection.")


# Looks at what ends within a second: time-outs, and readers who have left or don't read.
watchdog = Rounds(1.0)
