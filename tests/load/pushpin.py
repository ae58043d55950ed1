"""The table of event streams through Pushpin, with and without the site behind it."""

import json
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.load.claims import Claim, times
from tests.load.database import kept_connections
from tests.load.payloads import decode_marks
from tests.load.processes import SERVER_CORE, Processes, on_core
from tests.load.readers import EventStream
from tests.load.report import (
    DELIVERY_COLUMNS,
    delivery_row,
    progress,
    progress_of,
    show,
)
from tests.load.run import Load, Outcome, Plan, follow, request
from tests.load.targets import CountingSite, Feed, LiveTarget
from tests.servers import MissingProgram, Server
from tests.servers.pushpin import Pushpin, find_children

MAX_RATIO = 1.3  # of the delay, to Pushpin's alone
MAX_REQUESTS = 1.0  # to the site, for each update
COLUMNS = (*DELIVERY_COLUMNS, "requests to the site per update")
FOLLOW = "/follow"
SYNC = ("--worker-class", "sync", "--workers", "2")


class Origin(Server):
    """A server that lets Pushpin hold everybody, and does nothing else."""

    def command(self):
        program = [sys.executable, "-m", "tests.load.sites.holding"]
        return [*program, str(self.port)]

    working_directory = Path(__file__).resolve().parents[2]


class SyncSite(CountingSite):
    """The test site under gunicorn, with two synchronous workers."""

    application = "tests.load.sites.wsgi:application"

    def command(self):
        return [
            *(sys.executable, "-m", "gunicorn", self.application, *SYNC),
            *("--bind", f"127.0.0.1:{self.port}", "--backlog", "4096"),
            *("--worker-tmp-dir", str(self.folder), "--no-control-socket"),
        ]


class PushpinProcesses(Processes):
    """Pushpin's programs, each in a group of its own, and the server behind it."""

    def __init__(self, pushpin: Server, origin: Server):
        super().__init__(origin.process.pid)
        self.ids += [pushpin.process.pid, *find_children(pushpin.process.pid)]


class PushpinLoad(Load):
    """Readers of Pushpin; the updates go to the server behind it."""

    def __init__(self, pushpin: Pushpin, origin: Server, feed: Feed, plan: Plan):
        super().__init__(pushpin, [feed], plan, origin)
        self.folder = origin.folder
        self.processes = PushpinProcesses(pushpin, origin)


class AloneLoad(PushpinLoad):
    """The updates go straight to Pushpin's control port."""

    def __init__(self, pushpin: Pushpin, origin: Server, feed: Feed, plan: Plan):
        super().__init__(pushpin, origin, feed, plan)
        self.entrance = pushpin.control_port

    async def publish(self, place: int, text: str) -> None:
        content = f"data: {text}\n\n"
        item = {"channel": "match", "http-stream": {"content": content}}
        body = json.dumps({"items": [item]}).encode()
        assert await request(self.entrance, "/publish/", body) == 200


@dataclass(frozen=True)
class Behind:
    """What is behind Pushpin."""

    title: str
    site: bool

    def feed(self, readers: int) -> Feed:
        if self.site:
            target = LiveTarget("", "", EventStream, url_name="event-stream")
            return target.feed(readers)
        followers = [EventStream(FOLLOW, decode=decode_marks) for _ in range(readers)]
        return Feed("", followers)


ALONE = Behind("Pushpin alone", site=False)
SITE = Behind("Pushpin before gunicorn, 2 synchronous workers", site=True)


def run(plan: Plan) -> list[Claim]:
    readers = plan.readers
    try:
        alone, _ = measure(ALONE, readers, plan)
        ours, requests = measure(SITE, readers, plan)
    except MissingProgram as missing:
        progress(f"Pushpin: {missing}")
        return []
    rows = [
        [*delivery_row(ALONE.title, alone, None), "–"],
        [*delivery_row(SITE.title, ours, None), f"{requests:.2f}"],
    ]
    show(f"{plan.updates} updates to streams through Pushpin", COLUMNS, rows)
    return claims(ours, alone, requests)


def claims(ours: Outcome, alone: Outcome, requests: float) -> list[Claim]:
    title = f"Pushpin and gunicorn sync × 2, {ours.readers:,} streams"
    delay, other = ours.report.delay(0.99), alone.report.delay(0.99)
    faults = ours.report.faults
    return [
        Claim(f"{title}: delivered", ours.delivered, 100, "%", at_least=True),
        Claim(f"{title}: lost, twice or out of order", faults, 0),
        Claim(f"{title}: requests to the site per update", requests, MAX_REQUESTS),
        times(f"{title}: p99", delay, MAX_RATIO, other, "ms", "Pushpin alone"),
    ]


def measure(behind: Behind, readers: int, plan: Plan) -> tuple[Outcome, float]:
    """Return the outcome, and the requests to the site for each update."""
    with started(behind) as (pushpin, origin):
        load_class = PushpinLoad if behind.site else AloneLoad
        warm = replace(plan, updates=1, interval=0, idle=0)
        follow(load_class(pushpin, origin, behind.feed(1), warm))
        load = load_class(pushpin, origin, behind.feed(readers), plan)
        outcome = follow(load)
        requests = count_requests(pushpin, load.feeds[0]) - readers
    progress_of(behind.title, outcome)
    return outcome, max(0, requests) / plan.updates


@contextmanager
def started(behind: Behind):
    origin = SyncSite({}) if behind.site else Origin()
    pushpin = Pushpin(origin.port)
    if behind.site:
        origin.settings = {
            "ROOT_URLCONF": "tests.load.sites.urls",
            **kept_connections(),
            **pushpin.settings,
        }
    with on_core(SERVER_CORE):
        origin.__enter__()
        try:
            pushpin.__enter__()
        except BaseException:
            origin.__exit__(None, None, None)
            raise
    try:
        yield pushpin, origin
    finally:
        pushpin.__exit__(None, None, None)
        origin.__exit__(None, None, None)


def count_requests(pushpin: Pushpin, feed: Feed) -> int:
    """Return the number of requests of a feed's readers that reached the site."""
    path = feed.readers[0].path.partition("?")[0]
    pattern = rf"\[zurl\] IN .*GET http://[^/ ]*{re.escape(path)}"
    return len(re.findall(pattern, pushpin.log.read_text()))
