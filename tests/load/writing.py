"""The fifth table: the messages per second from an app that one process can store."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from tests.load.claims import Claim
from tests.load.followers import percentile
from tests.load.marks import find_marks, marked_text
from tests.load.pages import new_page
from tests.load.processes import CLIENT_CORE, Processes, on_core
from tests.load.queries import count_queries
from tests.load.report import progress, show
from tests.load.run import Plan, request, started, undisturbed
from tests.load.targets import LONG_POLL, LiveTarget
from tests.receivers.fake_slack import FakeSlack
from tests.servers import Server
from wagtail_live.models import Source

SECRET = "only for the benchmark"
RECEIVER = {
    "BACKEND": "wagtail_live.receivers.slack.SlackReceiver",
    "OPTIONS": {"signing_secret": SECRET},
}
HOOK = "/wagtail_live/hooks/slack/"
SENDERS = (1, 10)
MESSAGES = 500
LENGTH = 140  # characters of a message
MIN_PER_SECOND = 50
PERCENTILES = (0.5, 0.95, 0.99)
NEW, POOLED = "one for each request", "from a pool"
COLUMNS = (
    "connection to the database",
    "senders to one source",
    "messages",
    "lost",
    "twice",
    "sent again",
    "messages/s",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "queries per message",
    "CPU ms per message",
)


class Intake(NamedTuple):
    """The results of the messages. Times are in seconds."""

    lost: int
    doubled: int
    sent_again: int
    delays: list[float]
    duration: float
    queries: int
    cpu_time: float

    @property
    def per_second(self) -> float:
        return MESSAGES / self.duration


def run(plan: Plan) -> list[Claim]:
    kinds = [NEW, POOLED] if connection.vendor == "postgresql" else [NEW]
    taken_in = {
        (kind, senders): measure(kind, senders) for kind in kinds for senders in SENDERS
    }
    show(
        f"Messages of {LENGTH} characters from Slack to one process, "
        f"{connection.display_name}",
        COLUMNS,
        [row(*key, intake) for key, intake in taken_in.items()],
    )
    return [claim for key, intake in taken_in.items() for claim in claims(*key, intake)]


def claims(kind: str, senders: int, intake: Intake) -> Iterator[Claim]:
    title = f"messages of {senders} at once, connection {kind}"
    yield Claim(f"{title}: lost or twice", intake.lost + intake.doubled, 0)
    if kind == POOLED or connection.vendor == "sqlite":
        rate = intake.per_second
        yield Claim(f"{title}: each second", rate, MIN_PER_SECOND, at_least=True)


def target(kind: str) -> LiveTarget:
    """Run the site with Slack, and a connection of this kind."""
    database = settings.DATABASES["default"]
    if kind == POOLED:
        database = {**database, "OPTIONS": {"pool": True}}
    receivers = {"slack": RECEIVER}
    own = {"WAGTAIL_LIVE_RECEIVERS": receivers, "DATABASES": {"default": database}}
    return replace(LONG_POLL, settings=own)


def measure(kind: str, senders: int) -> Intake:
    """Start a server, which a first newsroom warms up for a second one."""
    with started(target(kind)) as server, on_core(CLIENT_CORE):
        asyncio.run(Newsroom(server).write(senders, 2 * senders))
        newsroom, processes = Newsroom(server), Processes(server.process.pid)
        queries, cpu_time = count_queries(server.folder), processes.cpu_time
        began = time.monotonic()
        with undisturbed():
            asyncio.run(newsroom.write(senders, MESSAGES))
        duration = time.monotonic() - began
        queries = count_queries(server.folder) - queries
        cpu_time = processes.cpu_time - cpu_time
    posts = newsroom.count_posts()
    intake = Intake(
        lost=MESSAGES - len(posts),
        doubled=posts.total() - len(posts),
        sent_again=newsroom.sent_again,
        delays=newsroom.delays,
        duration=duration,
        queries=queries,
        cpu_time=cpu_time / 1e9,
    )
    progress(" | ".join(row(kind, senders, intake)))
    return intake


class Newsroom:
    """Writes in a Slack channel that is connected to its own page."""

    def __init__(self, server: Server):
        self.slack = FakeSlack("", SECRET)
        self.port = server.port
        self.page = new_page()
        self.channel = f"C{self.page.pk}"
        self.delays: list[float] = []
        self.sent_again = 0
        Source.objects.create(
            receiver="slack", external_id=self.channel, channel=self.page.live_channel
        )

    async def write(self, senders: int, messages: int) -> None:
        """Send messages in parallel, each when the one before it was acknowledged."""
        numbers = iter(range(messages))
        async with asyncio.TaskGroup() as group:
            for _ in range(senders):
                group.create_task(self._send(numbers))

    async def _send(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            began = time.monotonic()
            text = marked_text(number, LENGTH)
            event = self.slack.envelope(self.slack.message(self.channel, text))
            body = json.dumps(event).encode()
            while not 200 <= await self._deliver(body) < 300:
                self.sent_again += 1
            self.delays.append(time.monotonic() - began)

    async def _deliver(self, body: bytes) -> int:
        return await request(self.port, HOOK, body, self.slack.sign(body))

    def count_posts(self) -> Counter[int]:
        """Return the number of times that each message is on the page."""
        marks = [find_marks(post.text) for post in self.page.live_posts]
        return Counter(mark.number for found in marks for mark in found)


def row(kind: str, senders: int, intake: Intake) -> list[str]:
    return [
        kind,
        str(senders),
        f"{MESSAGES:,}",
        str(intake.lost),
        str(intake.doubled),
        str(intake.sent_again),
        f"{intake.per_second:.1f}",
        *(f"{percentile(intake.delays, share) * 1e3:.1f}" for share in PERCENTILES),
        f"{intake.queries / MESSAGES:.1f}",
        f"{intake.cpu_time / MESSAGES * 1e3:.1f}",
    ]
