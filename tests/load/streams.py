"""The table of as many event streams as one process can hold."""

import resource
from dataclasses import replace

from tests.load.claims import Claim
from tests.load.crowd import Crowd
from tests.load.report import DELIVERY_COLUMNS, delivery_row, progress, show, tell
from tests.load.run import Load, Outcome, Plan, follow, started, warm_up
from tests.load.targets import EVENT_STREAM, MAX_READERS, TARGETS, Target
from tests.servers import MissingProgram

MAX_STREAMS = 50_000  # for which the limits are
MAX_MEMORY = 600  # MiB of the process
MAX_DELAY = 2_500  # ms, p99
SPARE_DESCRIPTORS = 500
# Each process of readers has a source address. With more than 14,000 connections from one
# the kernel searches a long time for a free port.
READERS_PER_PROCESS = 12_500
COLUMNS = (*DELIVERY_COLUMNS, "MiB in all")


class CrowdLoad(Load):
    def followers(self):
        return Crowd(self.port, self.feeds[0].readers, READERS_PER_PROCESS)


def run(plan: Plan) -> list[Claim]:
    streams = possible(plan.streams, raised_limit())
    connections = 2 * streams  # nginx closes new ones before the last is used
    nchan = measure(
        replace(TARGETS[EVENT_STREAM.nchan], connections=connections), streams, plan
    )
    ours = measure(without_limits(EVENT_STREAM, streams), streams, plan)
    outcomes = [("nchan, event stream", nchan), (EVENT_STREAM.title, ours)]
    show(
        f"{streams:,} streams in one process, {plan.updates} updates",
        COLUMNS,
        [
            [*delivery_row(title, outcome, nchan), f"{mebibytes(outcome):.0f}"]
            for title, outcome in outcomes
            if outcome
        ],
    )
    return claims(ours) if ours else []


def raised_limit() -> int:
    """Return the highest number of descriptors for a process, having allowed it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def possible(wanted: int, descriptors: int) -> int:
    """Return the number of streams, and say so if it is not the wanted one."""
    streams = min(wanted, descriptors - SPARE_DESCRIPTORS)
    if streams < wanted:
        tell(
            f"**NOT MEASURED: {wanted:,} streams. A process may open {descriptors:,} "
            f"descriptors here (`ulimit -Hn`), so there are {streams:,}, and limits "
            "for their share.**"
        )
    return streams


def without_limits(target, streams: int):
    names = ("", "_PER_CHANNEL", "_PER_ADDRESS")
    limits = {f"WAGTAIL_LIVE_MAX_READERS{name}": 2 * streams for name in names}
    return replace(target, settings={**target.settings, **limits})


def measure(target: Target, streams: int, plan: Plan) -> Outcome | None:
    try:
        with started(target) as server:
            warm_up(target, server, 1)
            return follow(CrowdLoad(server, [target.feed(streams)], plan))
    except MissingProgram as missing:
        progress(f"{target.title}: {missing}")
        return None


def claims(outcome: Outcome) -> list[Claim]:
    """Return the claims; fewer streams may take their share of memory and time."""
    if outcome.readers < MAX_READERS:
        return []
    title = f"{outcome.readers:,} streams"
    share = outcome.readers / MAX_STREAMS
    empty = (outcome.resident - outcome.memory) / 2**20
    memory = empty + share * (MAX_MEMORY - empty)
    beside = "" if share == 1 else f"{share:.0%} of {MAX_STREAMS:,}"
    return [
        Claim(f"{title}: delivered", outcome.delivered, 100, "%", at_least=True),
        Claim(f"{title}: lost, twice or out of order", outcome.report.faults, 0),
        Claim(f"{title}: memory", mebibytes(outcome), memory, "MiB", beside),
        Claim(
            f"{title}: p99",
            outcome.report.delay(0.99),
            share * MAX_DELAY,
            "ms",
            beside,
        ),
    ]


def mebibytes(outcome: Outcome) -> float:
    return outcome.resident / 2**20
