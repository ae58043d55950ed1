"""A cable that can hold back what the server says."""

import asyncio
from contextlib import suppress

from tests.faults.cable import PIECE, Cable


class Gate(Cable):
    """Requests pass; answers wait while the gate is closed."""

    def __init__(self, server_port: int):
        super().__init__(server_port)
        self.waiting = 0
        self._opened = asyncio.Event()
        self._opened.set()

    async def close(self) -> None:
        self._opened.clear()
        self.waiting = 0

    async def open(self) -> None:
        self._opened.set()

    async def _carry(self, source, target, end: float | None = None) -> None:
        is_answer = end is not None
        with suppress(OSError):
            while data := await source.read(PIECE):
                if is_answer:
                    self.waiting += 1
                    await self._opened.wait()
                target.write(data)
                await target.drain()
