"""Limits on waiting readers: in this process, of a channel, from an address."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Hashable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from operator import ge
from typing import TypeAlias

from .. import conf
from ..background import after_fork
from ..monitoring.counters import counters

IPV6_PREFIX = 64  # bits: one customer of a provider has all addresses below it
MAX_ADDRESS = 45  # characters of the longest address

Keys: TypeAlias = tuple[Hashable, Hashable, Hashable]


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
        # The garbage collector may release a slot in a thread that holds the lock.
        self._released: deque[Keys] = deque()

    def count(self) -> int:
        with self._lock:
            self._subtract_released()
            return self._used["all"]

    def acquire(self, channel_id: str, address: str) -> Slot:
        """Return a slot for one reader, to use in ``with``; raise ``NoSlot``."""
        maxima = get_maxima()
        keys = get_keys(channel_id, address)
        with self._lock:
            if self._released:
                self._subtract_released()
            if any(map(ge, map(self._used.__getitem__, keys), maxima)):
                counters.refused_readers += 1
                raise NoSlot
            for key in keys:
                self._used[key] += 1
        return Slot(self._released, keys)

    def _subtract_released(self) -> None:
        while self._released:
            for key in self._released.popleft():
                self._used[key] -= 1
                if not self._used[key]:
                    del self._used[key]


class Slot:
    """One reader's share of the limits, until it is released or nobody refers to it.
    Small, because there are many."""

    __slots__ = ("_keys", "_released")

    def __init__(self, released: deque[Keys] | None, keys: Keys):
        self._released = released
        self._keys = keys

    def release(self) -> None:
        """Give the slot back; do nothing the second time."""
        if self._released is not None:
            self._released.append(self._keys)
            self._released = None

    __del__ = release

    def hand_over(self) -> Slot:
        """Return another slot in place of this one, for use beyond its ``with``."""
        slot = Slot(self._released, self._keys)
        self._released = None
        return slot

    def __enter__(self) -> Slot:
        return self

    def __exit__(self, *exc_info) -> None:
        self.release()


@conf.read_once
def get_maxima() -> tuple[int, int, int]:
    """Return the limits in the settings, in the order of ``get_keys``."""
    return (
        conf.get_max_readers(),
        conf.get_max_readers_per_channel(),
        conf.get_max_readers_per_address(),
    )


def client_address(peer: str, forwarded_for: str) -> str:
    """Return the client's address as the outermost trusted proxy saw it."""
    proxies = conf.get_trusted_proxies()
    if not proxies or not forwarded_for:
        return peer
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    if not hops:
        return peer
    return hops[-proxies] if proxies <= len(hops) else hops[0]


@lru_cache(maxsize=1024)
def get_keys(channel_id: str, address: str) -> Keys:
    """Return the keys under which a reader is counted, in the order of ``get_maxima``."""
    return "all", ("channel", channel_id), ("address", get_network(address))


def get_network(address: str) -> str:
    """Return the address that is counted: of IPv6, its network of 64 bits."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address[:MAX_ADDRESS]
    if not isinstance(ip, IPv6Address):
        return address
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ip_network((int(ip), IPV6_PREFIX), strict=False))


limits = ReaderLimits()
after_fork(limits.reset)
