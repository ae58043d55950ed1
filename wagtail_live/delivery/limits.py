"""How many readers may wait in this process: in all, for a channel, from an address."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable
from operator import ge

from .. import conf
from ..monitoring.counters import measures


class NoPlace(Exception):
    """There are as many readers as the settings allow."""


class Places:
    """Counts the readers that wait. Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._taken: Counter[Hashable] = Counter()

    def count(self) -> int:
        return self._taken["all"]

    def take(self, channel_id: str, address: str) -> Place:
        """A place for one reader, to be left with ``with``; ``NoPlace`` if none is
        free."""
        place = Place(self, channel_id, address)
        limits = (
            conf.get_max_readers(),
            conf.get_max_readers_per_channel(),
            conf.get_max_readers_per_address(),
        )
        with self._lock:
            if any(map(ge, map(self._taken.__getitem__, place.counters), limits)):
                measures.refused_readers += 1
                raise NoPlace
            self._taken.update(place.counters)
        return place

    def leave(self, place: Place) -> None:
        with self._lock:
            for counter in place.counters:
                self._taken[counter] -= 1
                if not self._taken[counter]:
                    del self._taken[counter]


class Place:
    """What one reader takes. Small, because there are many."""

    __slots__ = ("_address", "_channel_id", "_places")

    def __init__(self, places: Places, channel_id: str, address: str):
        self._places = places
        self._channel_id = channel_id
        self._address = address

    @property
    def counters(self) -> tuple[Hashable, ...]:
        return "all", ("channel", self._channel_id), ("address", self._address)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *exc_info) -> None:
        self._places.leave(self)


def client_address(peer: str, forwarded_for: str) -> str:
    """The address of the client, as the outermost trusted proxy saw it."""
    proxies = conf.get_trusted_proxies()
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    if not proxies or not hops:
        return peer
    return hops[-proxies] if proxies <= len(hops) else hops[0]


places = Places()
