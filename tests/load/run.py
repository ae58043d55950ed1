"""One run: a server on its core, readers on the other, and updates to them."""

import asyncio
import gc
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.load.checker import Report
from tests.load.client import HOST
from tests.load.followers import Followers
from tests.load.marks import marked_text
from tests.load.processes import CLIENT_CORE, SERVER_CORE, Processes, on_core
from tests.load.queries import count_queries
from tests.load.targets import MAX_READERS, Feed, Target
from tests.servers import Server

REST_TIMEOUT = 30  # seconds
LOOK = 0.1
IDLE_SHARE = 0.1


@dataclass(frozen=True)
class Plan:
    updates: int = 20
    interval: float = 0.5  # seconds between two updates, at least
    readers: int = MAX_READERS  # of the tables of push engines
    idle: float = 5.0  # seconds for which queries are counted while nothing happens
    rounds: int = 1  # of all targets; the quietest counts
    streams: int = 50_000  # in one process


WARM_UP = Plan(updates=1, interval=0, idle=0)


@dataclass
class Outcome:
    """The measurements of a run. Times are in seconds, memory in bytes."""

    readers: int
    updates: int
    report: Report
    cpu_time: float
    memory: int  # more than before the readers came
    resident: int  # while all readers wait
    threads: int
    idle_queries_per_second: float
    queries: int
    client_cpu_time: float
    client_lag: float

    @property
    def deliveries(self) -> int:
        return len(self.report.delays)

    @property
    def delivered(self) -> float:
        """Return the share of delivered updates in per cent."""
        return 100 * self.deliveries / max(1, self.report.expected)

    @property
    def cpu_per_delivery(self) -> float:
        """Return the server's CPU time in µs, including publishing and reconnecting."""
        return self.cpu_time / max(1, self.deliveries) * 1e6

    @property
    def client_cpu_per_delivery(self) -> float:
        """Return the readers' CPU time in µs; above the server's, they may be the limit."""
        return self.client_cpu_time / max(1, self.deliveries) * 1e6

    @property
    def memory_per_reader(self) -> float:
        """Return the server's memory in KiB while all readers wait."""
        return self.memory / self.readers / 1024


@contextmanager
def started(target: Target):
    """Run the target's server on its core."""
    server = target.server()
    with on_core(SERVER_CORE):
        server.__enter__()
    try:
        yield server
    finally:
        server.__exit__(None, None, None)


def measure(target: Target, readers: int, plan: Plan) -> Outcome:
    """Start a server, warmed up by one reader, with this many readers of one channel."""
    with started(target) as server:
        warm_up(target, server, 1)
        return follow(Load(server, [target.feed(readers)], plan))


def warm_up(
    target: Target, server: Server, readers: int, entrance: Server | None = None
):
    """Let every process of the server do everything once."""
    follow(Load(server, [target.feed(readers)], WARM_UP, entrance))


def follow(load: "Load") -> Outcome:
    with on_core(CLIENT_CORE):
        return asyncio.run(load.run())


class Load:
    """Publishes to the feeds in turn, each update when all servers are idle.

    ``entrance`` is the server to publish to, if it is not the one that is followed.
    """

    def __init__(
        self,
        server: Server,
        feeds: list[Feed],
        plan: Plan,
        entrance: Server | None = None,
    ):
        self.feeds = feeds
        self.plan = plan
        self.port = server.port
        self.entrance = (entrance or server).port
        self.folder: Path = server.folder
        self.processes = Processes(server.process.pid)

    def followers(self) -> Followers:
        return Followers(self.port, [feed.readers for feed in self.feeds])

    async def run(self) -> Outcome:
        before = self.processes.resident
        async with self.followers() as followers:
            await followers.connect()
            await self.rest()
            resident = self.processes.resident
            threads = self.processes.threads
            idle_queries = await self.count_idle_queries()
            with undisturbed():
                queries = count_queries(self.folder)
                client_time = await followers.cpu_time()
                server_time = self.processes.cpu_time
                await self.publish_all(followers)
                server_time = self.processes.cpu_time - server_time
                client_time = await followers.cpu_time() - client_time
                queries = count_queries(self.folder) - queries
            report, lag = await followers.check(self.numbers())
        return Outcome(
            readers=report.readers,
            updates=self.plan.updates,
            report=report,
            cpu_time=server_time / 1e9,
            memory=resident - before,
            resident=resident,
            threads=threads,
            idle_queries_per_second=idle_queries,
            queries=queries,
            client_cpu_time=client_time,
            client_lag=lag,
        )

    def numbers(self) -> list[list[int]]:
        """Return the numbers of the updates to each feed."""
        found: list[list[int]] = [[] for _ in self.feeds]
        for number in range(1, self.plan.updates + 1):
            found[number % len(self.feeds)].append(number)
        return found

    async def publish_all(self, followers: Followers) -> None:
        for number in range(1, self.plan.updates + 1):
            place = number % len(self.feeds)
            next_update = asyncio.create_task(asyncio.sleep(self.plan.interval))
            await self.publish(place, marked_text(number))
            try:
                await followers.receive(number, place)
            except TimeoutError:
                return  # the report says what is lost
            await self.rest()
            await next_update

    async def publish(self, place: int, text: str) -> None:
        await post(self.entrance, self.feeds[place].publish_path, text)

    async def rest(self) -> None:
        """Wait until the server is almost idle."""
        async with asyncio.timeout(REST_TIMEOUT):
            share = 1.0
            while share > IDLE_SHARE:
                began, before = time.monotonic(), self.processes.cpu_time
                await asyncio.sleep(LOOK)
                used = (self.processes.cpu_time - before) / 1e9
                share = used / (time.monotonic() - began)

    async def count_idle_queries(self) -> float:
        if not self.plan.idle:
            return 0.0
        before = count_queries(self.folder)
        await asyncio.sleep(self.plan.idle)
        return (count_queries(self.folder) - before) / self.plan.idle


@contextmanager
def undisturbed():
    """Keep the garbage collector from pausing the client."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


async def post(port: int, path: str, text: str) -> None:
    """Publish a text with an HTTP request."""
    status = await request(port, path, text.encode())
    if not 200 <= status < 300:
        raise RuntimeError(f"could not publish: {status}")


async def request(
    port: int, path: str, body: bytes, headers: Mapping[str, str] = MappingProxyType({})
) -> int:
    """Make a POST request on a new connection; return the status."""
    reader, writer = await asyncio.open_connection(HOST, port)
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    answer = await reader.read()
    writer.close()
    return int(answer.split(maxsplit=2)[1])
