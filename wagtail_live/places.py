"""How many readers may wait in this process: in all, for a channel, from an address."""

from __future__ import annotations

import threading
from collections import Counter

from . import conf


class NoPlace(Exception):
    """There are as many readers as the settings allow."""


class Places:
    """Counts the readers that wait. Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._taken: Counter[tuple] = Counter()

    def __len__(self):
        return self._taken[()]

    def take(self, channel_id: str, address: str) -> Place:
        """A place for one reader, to be left with ``with``; ``NoPlace`` if none is
        free."""
        limits = {
            (): conf.get_max_readers(),
            ("channel", channel_id): conf.get_max_readers_per_channel(),
            ("address", address): conf.get_max_readers_per_address(),
        }
        with self._lock:
            if any(self._taken[key] >= limit for key, limit in limits.items()):
                raise NoPlace
            for key in limits:
                self._taken[key] += 1
        return Place(self, list(limits))

    def leave(self, keys: list[tuple]) -> None:
        with self._lock:
            for key in keys:
                self._taken[key] -= 1
                if key and not self._taken[key]:
                    del self._taken[key]


class Place:
    __slots__ = ("_keys", "_places")

    def __init__(self, places: Places, keys: list[tuple]):
        self._places = places
        self._keys = keys

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *exc_info) -> None:
        self._places.leave(self._keys)


def client_address(peer: str, forwarded_for: str) -> str:
    """The address of the client, as the outermost trusted proxy saw it."""
    proxies = conf.get_trusted_proxies()
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    if not proxies or not hops:
        return peer
    return hops[-proxies] if proxies <= len(hops) else hops[0]


places = Places()
