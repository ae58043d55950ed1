"""The network between readers and a server, which a test can cut."""

import asyncio
import random
from contextlib import suppress

from tests.servers import free_port

HOST = "127.0.0.1"
PIECE = 16 * 1024


class Cable:
    """Forwards data between readers and a server until it is cut or its time is over.

    With ``lives`` each connection is cut after a random time between these seconds, and
    then in the middle of what the server says next.
    """

    def __init__(self, server_port: int, lives: tuple[float, float] | None = None):
        self.port = free_port()
        self.cuts = 0
        self._server_port = server_port
        self._lives = lives
        self._open: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None

    async def mend(self) -> None:
        self._listener = await asyncio.start_server(self._connect, HOST, self.port)

    async def cut(self) -> None:
        """End all connections, and refuse others until the cable is mended."""
        self._listener.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _connect(self, reader, writer) -> None:
        self._open.add(writer)
        try:
            from_site, to_site = await asyncio.open_connection(HOST, self._server_port)
        except OSError:
            self._end(writer)
            return
        self._open.add(to_site)
        upwards = asyncio.create_task(self._carry(reader, to_site))
        downwards = asyncio.create_task(
            self._carry(from_site, writer, self._end_of_life())
        )
        await asyncio.wait([upwards, downwards], return_when=asyncio.FIRST_COMPLETED)
        upwards.cancel()
        downwards.cancel()
        self._end(writer)
        self._end(to_site)

    def _end_of_life(self) -> float:
        if self._lives is None:
            return float("inf")
        return asyncio.get_running_loop().time() + random.uniform(*self._lives)

    async def _carry(self, source, target, end: float = float("inf")) -> None:
        with suppress(OSError):
            while data := await source.read(PIECE):
                if asyncio.get_running_loop().time() > end:
                    self.cuts += 1
                    target.write(data[: random.randrange(len(data))])
                    await target.drain()
                    return
                target.write(data)
                await target.drain()

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        writer.close()
