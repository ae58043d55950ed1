"""Thousands of readers in one process.

All sockets of a swarm are in one epoll, which the event loop watches as a whole: no
handle, callback or task for each piece of data. The kernel stamps what arrives, so that
a delay does not depend on how soon this process gets around to it. While data arrive the
swarm looks for more every ``PAUSE`` instead of sleeping until they do: a server should not
pay for waking up a client on the same machine.
"""

import asyncio
import random
import select
import socket
import struct
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from tests.load.readers import Reader, TurnedAway, UpdateMissing
from tests.load.wire import ProtocolError

HOST = "127.0.0.1"
AT_ONCE = 100  # connections being opened
AT_A_TIME = 1_000  # sockets
PAUSE = 0.001
MAX_PIECE = 16 * 1024
# Linux's; the module socket has no names for them.
SO_TIMESTAMPNS = 35
IP_BIND_ADDRESS_NO_PORT = 24
STAMP = struct.Struct("@ll")
STAMP_SPACE = socket.CMSG_SPACE(STAMP.size)


class Connection:
    """A reader's socket, and the data that it could not send yet."""

    __slots__ = ("reader", "socket", "unsent")

    def __init__(self, reader: Reader, connected: socket.socket):
        self.reader = reader
        self.socket = connected
        self.unsent = b""


class Swarm:
    """Readers that follow channels of the servers on these ports, each on any of them.

    A reader whose connection ends comes back after ``back_off()`` seconds, or when the
    server has told it to, unless what it follows is gone. They come from the address
    ``source``.
    """

    def __init__(
        self,
        *ports: int,
        back_off: Callable[[], float] | None = None,
        source: str = HOST,
    ):
        self.ports: Sequence[int] = ports
        self.source = source
        self.readers: list[Reader] = []
        self.errors: list[str] = []
        self.lags = array("q")  # nanoseconds from arrival to the end of its handling
        self._back_off = back_off or (lambda: random.uniform(0.05, 0.5))
        self._connections: dict[int, Connection] = {}
        self._tasks: set[asyncio.Task] = set()
        self._timer: asyncio.Handle | None = None
        self._opening = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self):
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._sleep()
        return self

    async def __aexit__(self, *exception):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._loop.remove_reader(self._epoll.fileno())
        if self._timer:
            self._timer.cancel()
        for connection in self._connections.values():
            connection.socket.close()
        self._connections.clear()
        self._epoll.close()

    async def add(self, readers: Iterable[Reader], timeout: float = 60) -> None:
        """Connect more readers and wait until the servers have accepted them."""
        readers = list(readers)
        self.readers += readers
        for reader in readers:
            self._start(self._connect(reader))
        await self.until(lambda reader: reader.is_waiting, timeout, readers)

    async def until(
        self,
        condition: Callable[[Reader], object],
        timeout: float = 30,
        readers: Sequence[Reader] | None = None,
    ) -> None:
        """Wait until the condition holds for each reader; ``TimeoutError`` otherwise."""
        readers = self.readers if readers is None else readers
        done = 0
        async with asyncio.timeout(timeout):
            while True:
                while done < len(readers) and condition(readers[done]):
                    done += 1
                if done == len(readers):
                    return
                await asyncio.sleep(0.01)

    def _start(self, coroutine) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, reader: Reader, after: float = 0) -> None:
        if after:
            await asyncio.sleep(after)
        while True:
            async with self._opening:
                opened = socket.socket()
                opened.setblocking(False)
                opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                opened.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
                opened.bind((self.source, 0))
                try:
                    address = HOST, random.choice(self.ports)
                    await self._loop.sock_connect(opened, address)
                    self._connected(Connection(reader, opened))
                    return
                except OSError:
                    opened.close()
                except asyncio.CancelledError:
                    opened.close()
                    raise
            await asyncio.sleep(self._back_off())

    def _connected(self, connection: Connection) -> None:
        descriptor = connection.socket.fileno()
        self._connections[descriptor] = connection
        self._epoll.register(descriptor, select.EPOLLIN)
        self._send(connection, connection.reader.connected())

    def _sleep(self) -> None:
        self._timer = None
        self._loop.add_reader(self._epoll.fileno(), self._wake)

    def _wake(self) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        self._look()

    def _look(self) -> None:
        if found := self._epoll.poll(0, AT_A_TIME):
            self._receive(found)
            pause = PAUSE if len(found) < AT_A_TIME else 0
            self._timer = self._loop.call_later(pause, self._look)
        else:
            self._sleep()

    def _receive(self, found: list[tuple[int, int]]) -> None:
        """Handle what has arrived."""
        connections, lags, now = self._connections, self.lags, time.time_ns
        for descriptor, events in found:
            connection = connections[descriptor]
            if events & select.EPOLLOUT:
                self._send(connection, b"")
                continue
            try:
                data, notes, _, _ = connection.socket.recvmsg(MAX_PIECE, STAMP_SPACE)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self._lose(connection, self._back_off())
                continue
            at = arrival(notes)
            try:
                answer = connection.reader.feed(data, at)
            except TurnedAway as end:
                self._turn_away(connection, end)
                continue
            except UpdateMissing:
                self._lose(connection, self._back_off())
                continue
            except (ProtocolError, ValueError) as error:
                self.errors.append(f"{type(error).__name__}: {error}")
                self._lose(connection, self._back_off())
                continue
            if answer:
                self._send(connection, answer)
            lags.append(now() - at)

    def _send(self, connection: Connection, data: bytes) -> None:
        if connection.unsent:
            data = connection.unsent + data
        try:
            sent = connection.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._lose(connection, self._back_off())
            return
        if sent == len(data) and not connection.unsent:
            return
        connection.unsent = data[sent:]
        interest = select.EPOLLOUT if connection.unsent else select.EPOLLIN
        self._epoll.modify(connection.socket.fileno(), interest)

    def _turn_away(self, connection: Connection, end: TurnedAway) -> None:
        connection.reader.turned_away.append(end.status)
        if end.is_final:
            self._drop(connection)
        else:
            self._lose(connection, end.retry_after or self._back_off())

    def _lose(self, connection: Connection, back_off: float) -> None:
        self._drop(connection)
        self._start(self._connect(connection.reader, back_off))

    def _drop(self, connection: Connection) -> None:
        connection.reader.is_waiting = False
        del self._connections[connection.socket.fileno()]
        with suppress(OSError):
            self._epoll.unregister(connection.socket.fileno())
        connection.socket.close()


def arrival(notes: list) -> int:
    """Return the time at which the kernel received the data, in ns since the epoch."""
    for _level, kind, stamp in notes:
        if kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = STAMP.unpack(stamp)
            return seconds * 1_000_000_000 + nanoseconds
    return time.time_ns()
