"""Limits on waiting readers: in this process, of a channel, from an address."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable
from operator import ge

from .. import conf
from ..background import after_fork
from ..monitoring.counters import counters


class NoSlot(Exception):
    """The maximum number of readers is already waiting."""


class ReaderLimits:
    """Counts the waiting readers. Thread-safe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all readers, in a forked child."""
        self._lock = threading.Lock()
        self._used: Counter[Hashable] = Counter()

    def count(self) -> int:
        return self._used["all"]

    def acquire(self, channel_id: str, address: str) -> Slot:
        """Return a slot for one reader, to use in ``with``; raise ``NoSlot``."""
        slot = Slot(self, channel_id, address)
        with self._lock:
            if any(map(ge, map(self._used.__getitem__, slot.keys), get_maxima())):
                counters.refused_readers += 1
                raise NoSlot
            self._used.update(slot.keys)
        return slot

    def release(self, slot: Slot) -> None:
        with self._lock:
            for key in slot.keys:
                self._used[key] -= 1
                if not self._used[key]:
                    del self._used[key]


class Slot:
    """One reader's share of the limits. Small, because there are many."""

    __slots__ = ("_address", "_channel_id", "_limits")

    def __init__(self, limits: ReaderLimits, channel_id: str, address: str):
        self._limits = limits
        self._channel_id = channel_id
        self._address = address

    @property
    def keys(self) -> tuple[Hashable, ...]:
        return "all", ("channel", self._channel_id), ("address", self._address)

    def __enter__(self) -> Slot:
        return self

    def __exit__(self, *exc_info) -> None:
        self._limits.release(self)


@conf.read_once
def get_maxima() -> tuple[int, int, int]:
    """Return the limits in the settings, in the order of ``Slot.keys``."""
    return (
        conf.get_max_readers(),
        conf.get_max_readers_per_channel(),
        conf.get_max_readers_per_address(),
    )


def client_address(peer: str, forwarded_for: str) -> str:
    """Return the client's address as the outermost trusted proxy saw it."""
    proxies = conf.get_trusted_proxies()
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    if not proxies or not hops:
        return peer
    return hops[-proxies] if proxies <= len(hops) else hops[0]


limits = ReaderLimits()
after_fork(limits.reset)
