"""The readers of a measurement, in this process or in others."""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence

from tests.load.checker import Checker, Report
from tests.load.client import HOST, Swarm
from tests.load.readers import Reader

CONNECT_TIMEOUT = 300  # seconds
# A site behind a push engine takes seconds for them. Those who wait longer than the engine
# does come again, and the site works for readers who have left.
AT_ONCE = 500
DELIVERY_TIMEOUT = 60


class Followers:
    """The readers of each feed, in this process."""

    def __init__(
        self, port: int, audiences: Sequence[Sequence[Reader]], source: str = HOST
    ):
        self.audiences = audiences
        self._swarm = Swarm(port, source=source)

    async def __aenter__(self):
        await self._swarm.__aenter__()
        return self

    async def __aexit__(self, *exception):
        await self._swarm.__aexit__(*exception)

    async def connect(self) -> None:
        readers = [reader for audience in self.audiences for reader in audience]
        for start in range(0, len(readers), AT_ONCE):
            await self._swarm.add(readers[start : start + AT_ONCE], CONNECT_TIMEOUT)
        self._swarm.lags = array("q")

    async def receive(self, number: int, place: int) -> None:
        """Wait until all readers of a feed have received an update."""
        audience = self.audiences[place]
        await self._swarm.until(
            lambda reader: reader.latest >= number, DELIVERY_TIMEOUT, audience
        )

    async def cpu_time(self) -> float:
        """Return the CPU time in seconds."""
        return time.process_time()

    async def check(self, numbers: list[list[int]]) -> tuple[Report, float]:
        """Return one report on all feeds, given the updates to each, and the p99 of the
        seconds from arrival to the end of its handling."""
        total = Report()
        for audience, published in zip(self.audiences, numbers, strict=True):
            checker = Checker()
            for number in published:
                checker.published(number)
            checker.read(audience)
            total.add(checker.report())
        for error in self._swarm.errors:
            total.note("garbled", "unknown", error)
        return total, percentile(self._swarm.lags, 0.99) / 1e9


def percentile(values, share: float) -> float:
    values = sorted(values)
    return values[int(len(values) * share)] if values else 0.0
