"""The first table: one process, one channel, and a growing number of readers."""

from typing import NamedTuple

from tests.load.claims import Claim, times
from tests.load.report import (
    DELIVERY_COLUMNS,
    delivery_row,
    progress,
    progress_of,
    show,
)
from tests.load.run import Outcome, Plan, measure
from tests.load.targets import MAX_READERS, TARGETS, Target
from tests.servers import MissingProgram

Results = dict[tuple[str, int], Outcome]

MAX_IDLE_QUERIES = 2.5


class Limits(NamedTuple):
    """The most that a way of delivery may take with ``MAX_READERS``."""

    memory: float  # KiB per reader
    work: float | None = None  # CPU time per delivery, times nchan's
    delay: float | None = None  # p99, times nchan's
    least_work: float = 0  # µs of CPU time per delivery that are allowed in any case


LIMITS = {
    "event-stream": Limits(10, work=1.3, delay=1.5),
    "event-stream-send": Limits(17, work=4),
    "long-poll": Limits(14, work=6, least_work=90),
    "long-poll-protocol": Limits(10, work=2, delay=1.5),
    "websocket": Limits(25),
}


def run(names: list[str], sizes: list[int], plan: Plan) -> list[Claim]:
    results = measure_all(names, sizes, plan)
    rows = [
        delivery_row(TARGETS[name].title, outcome, nchan_beside(results, name, size))
        for (name, size), outcome in results.items()
    ]
    show(f"{plan.updates} updates to readers of one channel", DELIVERY_COLUMNS, rows)
    return claims(results)


def nchan_beside(results: Results, name: str, size: int) -> Outcome | None:
    return results.get((TARGETS[name].nchan, size))


def measure_all(names: list[str], sizes: list[int], plan: Plan) -> Results:
    results: Results = {}
    for size in sizes:
        for _ in range(plan.rounds):
            for name in names:
                if outcome := measure_one(TARGETS[name], size, plan):
                    nchan = nchan_beside(results, name, size)
                    progress_of(TARGETS[name].title, outcome, nchan)
                    before = results.get((name, size), outcome)
                    results[name, size] = quieter(before, outcome)
    return results


def measure_one(target: Target, size: int, plan: Plan) -> Outcome | None:
    if size > target.most_readers:
        return None
    try:
        return measure(target, size, plan)
    except MissingProgram as missing:
        progress(f"{target.title}: {missing}")
    except TimeoutError:
        progress(f"{target.title}, {size} readers: not measured within the time")
    return None


def quieter(*rounds: Outcome) -> Outcome:
    """Return the round that other programs disturbed least, unless one had faults."""

    def key(outcome: Outcome) -> tuple[int, float, float]:
        report = outcome.report
        return -report.faults, outcome.delivered, report.delay(0.99)

    return min(rounds, key=key)


def claims(results: Results) -> list[Claim]:
    """Return the claims: all updates arrive at any size; ratios are for the largest."""
    found = []
    for (name, size), outcome in results.items():
        if name not in LIMITS:
            continue
        title = f"{TARGETS[name].title}, {size:,} readers"
        found += claims_at_any_size(title, outcome)
        if size == MAX_READERS:
            fewest = min(other for of, other in results if of == name)
            found += claims_at_most_readers(
                title, outcome, results[name, fewest], LIMITS[name].memory
            )
            if nchan := nchan_beside(results, name, size):
                found += claims_beside(title, outcome, nchan, LIMITS[name])
    return found


def claims_at_any_size(title: str, outcome: Outcome) -> list[Claim]:
    faults, queries = outcome.report.faults, outcome.idle_queries_per_second
    return [
        Claim(f"{title}: delivered", outcome.delivered, 100, "%", at_least=True),
        Claim(f"{title}: lost, twice or out of order", faults, 0),
        Claim(f"{title}: idle queries per second", queries, MAX_IDLE_QUERIES),
    ]


def claims_at_most_readers(
    title: str, most: Outcome, least: Outcome, memory: float
) -> list[Claim]:
    beside = f"with {least.readers:,} readers"
    return [
        Claim(f"{title}: memory per reader", most.memory_per_reader, memory, "KiB"),
        Claim(f"{title}: threads", most.threads, least.threads, beside=beside),
    ]


def claims_beside(
    title: str, ours: Outcome, nchan: Outcome, limits: Limits
) -> list[Claim]:
    found = []
    if limits.work:
        work, nchans = ours.cpu_per_delivery, nchan.cpu_per_delivery
        most = max(limits.work, limits.least_work / nchans)
        found.append(times(f"{title}: CPU", work, most, nchans, "µs", "nchan"))
    if limits.delay:
        delay, nchans = ours.report.delay(0.99), nchan.report.delay(0.99)
        found.append(times(f"{title}: p99", delay, limits.delay, nchans, "ms", "nchan"))
    return found
