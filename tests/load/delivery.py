"""The first table: one process, one channel, and a growing number of readers."""

from tests.load.claims import Claim, times
from tests.load.report import (
    DELIVERY_COLUMNS,
    delivery_row,
    progress,
    progress_of,
    show,
)
from tests.load.run import Outcome, Plan, measure
from tests.load.targets import MAX_READERS, TARGETS
from tests.servers import MissingProgram

Results = dict[tuple[str, int], Outcome]

OURS = ("long-poll", "event-stream", "websocket")
MAX_KIB_PER_READER = 14
MAX_IDLE_QUERIES = 2.5
# Pushpin was not run here: 501 ms where nchan took 149 ms.
PUSHPIN_TO_NCHAN = 501 / 149
MAX_WORK = {"long-poll": 10, "event-stream": 5}  # times nchan's


def run(names: list[str], sizes: list[int], plan: Plan) -> list[Claim]:
    results = measure_all(names, sizes, plan)
    rows = [
        delivery_row(TARGETS[name].title, outcome)
        for (name, _), outcome in results.items()
    ]
    show(f"{plan.updates} updates to readers of one channel", DELIVERY_COLUMNS, rows)
    return claims(results)


def measure_all(names: list[str], sizes: list[int], plan: Plan) -> Results:
    results: Results = {}
    for size in sizes:
        for name in names:
            target = TARGETS[name]
            if size > target.most_readers:
                continue
            try:
                results[name, size] = measure(target, size, plan)
            except MissingProgram as missing:
                progress(f"{target.title}: {missing}")
                continue
            except TimeoutError:
                progress(
                    f"{target.title}, {size} readers: not measured within the time"
                )
                continue
            progress_of(target.title, results[name, size])
    return results


def claims(results: Results) -> list[Claim]:
    """Return the claims: all updates arrive at any size; ratios are for the largest."""
    found = []
    for (name, size), outcome in results.items():
        if name not in OURS:
            continue
        title = f"{TARGETS[name].title}, {size:,} readers"
        found += claims_at_any_size(title, outcome)
        if size == MAX_READERS:
            fewest = min(other for of, other in results if of == name)
            found += claims_at_most_readers(title, outcome, results[name, fewest])
            if nchan := results.get((f"nchan-{name}", size)):
                found += claims_beside(name, title, outcome, nchan)
    return found


def claims_at_any_size(title: str, outcome: Outcome) -> list[Claim]:
    faults, queries = outcome.report.faults, outcome.idle_queries_per_second
    return [
        Claim(f"{title}: delivered", outcome.delivered, 100, "%", at_least=True),
        Claim(f"{title}: lost, twice or out of order", faults, 0),
        Claim(f"{title}: idle queries per second", queries, MAX_IDLE_QUERIES),
    ]


def claims_at_most_readers(title: str, most: Outcome, least: Outcome) -> list[Claim]:
    memory, beside = most.memory_per_reader, f"with {least.readers:,} readers"
    return [
        Claim(f"{title}: memory per reader", memory, MAX_KIB_PER_READER, "KiB"),
        Claim(f"{title}: threads", most.threads, least.threads, beside=beside),
    ]


def claims_beside(name: str, title: str, ours: Outcome, nchan: Outcome) -> list[Claim]:
    delay, reference = ours.report.delay(0.99), nchan.report.delay(0.99)
    work, least_work = ours.cpu_per_delivery, nchan.cpu_per_delivery
    most_work = MAX_WORK[name]
    found = [
        times(f"{title}: p99", delay, 4, reference, "ms", "nchan"),
        times(f"{title}: CPU", work, most_work, least_work, "µs", "nchan"),
    ]
    if name == "event-stream":
        limit, beside = PUSHPIN_TO_NCHAN * reference, "as Pushpin to nchan elsewhere"
        found.append(Claim(f"{title}: p99", delay, limit, "ms", beside))
    return found
