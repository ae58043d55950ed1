"""Readers who follow pages while a test writes and causes faults."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from itertools import cycle, islice

from tests.faults.cable import Cable
from tests.faults.journal import Journal, Standing
from tests.faults.readers import TRANSPORTS
from tests.load.checker import Checker, Report
from tests.load.client import Swarm
from tests.load.readers import Reader
from tests.servers import SiteServer, wait_until

BACK_OFF = 0.1, 0.6  # seconds; the bundled client takes 1 to 30


class Crowd:
    """Readers in their own thread, each on any of the servers."""

    def __init__(self, *servers: SiteServer | Cable):
        ports = [server.port for server in servers]
        self._swarm = Swarm(*ports, back_off=lambda: random.uniform(*BACK_OFF))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Crowd:
        self._thread.start()
        self.run(self._swarm.__aenter__())
        return self

    def leave(self) -> None:
        """Disconnect all readers; new ones can connect."""
        self.run(self._swarm.__aexit__())
        self._swarm.readers.clear()
        self.run(self._swarm.__aenter__())

    def __exit__(self, *exception) -> None:
        self.run(self._swarm.__aexit__())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        assert not self._swarm.errors, "what readers got is not in the protocol"

    def run(self, coroutine: Coroutine, timeout: float = 90):
        """Run in the readers' thread, and wait for the result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)

    def follow(
        self,
        page,
        transports: Sequence[str],
        count: int | None = None,
        *,
        start: Standing | None = None,
        headers: str = "",
        wait: bool = True,
    ) -> Audience:
        """Let readers follow a page from its current state, or from ``start``."""
        start = start or Standing.of(page)
        names = list(islice(cycle(transports), count or len(transports)))
        readers = [
            TRANSPORTS[name].reader(page.channel_id, start.cursor, headers)
            for name in names
        ]
        adding = self._swarm.add(readers, timeout=60)
        if wait:
            self.run(adding)
        else:
            asyncio.run_coroutine_threadsafe(self._swallow(adding), self._loop)
        return Audience(page, names, readers, start)

    async def _swallow(self, adding: Coroutine) -> None:
        with suppress(TimeoutError):
            await adding


class Audience:
    """The readers who loaded a page at one time and follow it from there."""

    def __init__(self, page, names: list[str], readers: list[Reader], start: Standing):
        self.page = page
        self.readers = readers
        self._named = list(zip(enumerate(names), readers, strict=True))
        self._start = start

    def all(self, condition: Callable[[Reader], object], timeout: float = 30) -> None:
        """Wait until the condition holds for each reader."""
        wait_until(lambda: all(map(condition, self.readers)), timeout=timeout)

    def count(self, condition: Callable[[Reader], object]) -> int:
        return sum(map(bool, map(condition, self.readers)))

    def is_let_go(self) -> bool:
        return all(404 in reader.turned_away for reader in self.readers)

    def check(self, journal: Journal, timeout: float = 30) -> Report:
        """Publish a last post, wait until all have it, and compare what each reader saw
        with the journal, and their posts with the database's."""
        last = journal.publish(self.page)
        self.all(lambda reader: reader.latest >= last, timeout)
        end = Standing.of(self.page)
        checker = Checker()
        journal.tell(checker, self._start)
        for name, reader in self._named:
            checker.starts(name, self._start.posts)
            for payload, at in reader.log:
                checker.received(name, payload, at)
        report = checker.report()
        assert report.faults == 0, str(report)
        for name, _ in self._named:
            assert checker.seen_by(name) == end.posts
        return report
