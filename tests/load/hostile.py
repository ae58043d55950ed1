"""The seventh table: readers of a page while others attack the process."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from urllib.request import urlopen

from tests.load.attackers import ATTACKS, OF_A_KIND
from tests.load.claims import Claim, times
from tests.load.processes import CLIENT_CORE, Processes, on_core
from tests.load.report import progress, show
from tests.load.run import Load, Plan, follow, started
from tests.load.targets import LONG_POLL, Feed
from tests.servers import Server, wait_until

READERS = 20
POSTS = 600
ROUNDS = 2
MAX_GROWTH = 2.0
MAX_MEMORY = 16.0  # MiB
SETTLE_TIMEOUT = 90
ATTACK = f"{OF_A_KIND * len(ATTACKS)} hostile connections"
COLUMNS = ("", "p50 ms", "p95 ms", "p99 ms", "faults")
RESOURCES = ("", "MiB", "threads", "descriptors", "places")


@dataclass
class Resources:
    memory: float  # MiB
    threads: int
    descriptors: int
    places: int

    @classmethod
    def of(cls, server: Server) -> "Resources":
        processes = Processes(server.process.pid)
        with urlopen(f"http://127.0.0.1:{server.port}/places/") as answer:
            places = int(answer.read())
        memory = processes.resident / 2**20
        return cls(memory, processes.threads, processes.descriptors, places)

    def row(self, title: str) -> list[str]:
        counts = self.threads, self.descriptors, self.places
        return [title, f"{self.memory:.1f}", *map(str, counts)]


def run(plan: Plan) -> list[Claim]:
    from tests.load.pages import new_page

    page = new_page()
    for number in range(POSTS):
        page.add_live_post(f"<p>Minute {number}</p>")
    with started(LONG_POLL) as server:
        calm, attacked = [], []
        with attack(server, page):
            measure(server, page, plan)  # fills the caches
        before = settled(server)
        for number in range(ROUNDS):
            calm.append(measure(server, page, plan))
            with attack(server, page):
                attacked.append(measure(server, page, plan))
            progress(f"round {number + 1} of {ROUNDS}: {Resources.of(server)}")
        after = settled(server, before)
    show_tables(calm, attacked, before, after)
    p99 = [median(run.report.delay(0.99) for run in runs) for runs in (calm, attacked)]
    return [
        times("p99 under attack", p99[1], MAX_GROWTH, p99[0], "ms", "the calm site"),
        Claim("memory left behind", after.memory - before.memory, MAX_MEMORY, "MiB"),
        Claim("threads left behind", after.threads - before.threads, 0),
        Claim("descriptors left behind", after.descriptors - before.descriptors, 0),
        Claim("places left behind", after.places, 0),
    ]


def measure(server: Server, page, plan: Plan):
    from tests.load.pages import follow_path

    page.refresh_from_db()
    page = type(page).objects.get(pk=page.pk)
    path = follow_path(LONG_POLL.url_name, page)
    cursor = repr(page.last_update_timestamp)
    readers = [LONG_POLL.reader_class(path, cursor) for _ in range(READERS)]
    return follow(Attended(server, [Feed(f"/publish/{page.pk}/", readers)], plan))


class Attended(Load):
    """A load on a server that never rests."""

    async def rest(self) -> None:
        await asyncio.sleep(0)

    async def count_idle_queries(self) -> float:
        return 0.0


@contextmanager
def attack(server: Server, page) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.load.attackers"]
    with on_core(CLIENT_CORE):
        attackers = subprocess.Popen([*command, str(server.port), page.channel_id])
    try:
        time.sleep(2)
        yield
    finally:
        attackers.terminate()
        attackers.wait()


def settled(server: Server, before: Resources | None = None) -> Resources:
    """Return the resources when the readers and the idle threads are gone."""

    def find_settled() -> Resources | None:
        now = Resources.of(server)
        is_as_before = before is None or (
            now.threads <= before.threads and now.descriptors <= before.descriptors
        )
        return now if now.places == 0 and is_as_before else None

    time.sleep(15)  # longer than any thread stays idle
    try:
        return wait_until(find_settled, timeout=SETTLE_TIMEOUT, interval=1)
    except TimeoutError:
        progress("the server did not settle")
    return Resources.of(server)


def show_tables(calm, attacked, before: Resources, after: Resources) -> None:
    show(
        f"{READERS} readers of a page of {POSTS} posts, long poll",
        COLUMNS,
        [
            [
                title,
                *(f"{run.report.delay(share):.1f}" for share in (0.5, 0.95, 0.99)),
                run.report.faults,
            ]
            for number in range(ROUNDS)
            for title, run in (("calm", calm[number]), (ATTACK, attacked[number]))
        ],
    )
    rows = [before.row("before the attacks"), after.row("after them")]
    show("What the attacks leave behind", RESOURCES, rows)
