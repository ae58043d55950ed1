"""The third table: updates published in one process and received through others."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from django.db import connection

from tests.load.claims import Claim
from tests.load.processes import CLIENT_CORE, on_core
from tests.load.report import delays, progress, progress_of, show
from tests.load.run import Load, Outcome, Plan, follow, started, warm_up
from tests.load.targets import LONG_POLL, LiveTarget
from tests.servers import MissingProgram, Redis

WORKERS = 4
SIZES = (100, 1_000)
MAX_DETOUR = 50  # milliseconds
MAX_IDLE_QUERIES = {"database": 2.5, "postgres": 0.5, "redis": 0.5}
COLUMNS = (
    "bus",
    "processes",
    "readers",
    "faults",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "threads in all",
    "idle queries/s per process",
)
Results = dict[tuple[str, int, int], Outcome]


def run(plan: Plan) -> list[Claim]:
    plan = replace(plan, idle=2 * plan.idle)
    results: Results = {}
    for bus in MAX_IDLE_QUERIES:
        try:
            with configured(bus) as target:
                results[bus, 1, SIZES[0]] = within_one_process(target, plan)
                for size in SIZES:
                    results[bus, WORKERS, size] = through_others(target, size, plan)
        except MissingProgram as missing:
            progress(f"bus {bus}: {missing}")
    show(
        "Published in another process, long poll (1: in the readers' own process)",
        COLUMNS,
        [row(*key, outcome) for key, outcome in results.items()],
    )
    return claims(results)


@contextmanager
def configured(bus: str) -> Iterator[LiveTarget]:
    """Run the site with this bus and the services that the bus needs."""
    backend = f"wagtail_live.bus.{bus}.{bus.capitalize()}Bus"
    configuration = {"BACKEND": backend}
    with ExitStack() as stack:
        if bus == "postgres" and connection.vendor != "postgresql":
            raise MissingProgram("needs the benchmark on PostgreSQL")
        if bus == "redis":
            with on_core(CLIENT_CORE):
                configuration["LOCATION"] = stack.enter_context(Redis()).url
        settings = {"WAGTAIL_LIVE_BUS": {"default": configuration}}
        yield replace(LONG_POLL, settings=settings)


def within_one_process(target: LiveTarget, plan: Plan) -> Outcome:
    with started(target) as server:
        warm_up(target, server, SIZES[0])
        outcome = follow(Load(server, [target.feed(SIZES[0])], plan))
    progress_of("one process", outcome)
    return outcome


def through_others(target: LiveTarget, size: int, plan: Plan) -> Outcome:
    workers = replace(target, arguments=("--workers", str(WORKERS)))
    with started(target) as entrance, started(workers) as server:
        warm_up(target, server, SIZES[0], entrance)
        outcome = follow(Load(server, [target.feed(size)], plan, entrance))
    progress_of(f"{WORKERS} processes", outcome)
    return outcome


def claims(results: Results) -> list[Claim]:
    found = []
    for (bus, processes, size), outcome in results.items():
        title = f"bus {bus}, {size} readers"
        if processes == 1:
            queries = outcome.idle_queries_per_second
            limit = MAX_IDLE_QUERIES[bus]
            found.append(Claim(f"{title}: idle queries per second", queries, limit))
        elif size == SIZES[0] and bus != "database":
            within = results[bus, 1, size].report.delay(0.99)
            detour = outcome.report.delay(0.99) - within
            what = f"{title}: p99 through another process, more than within one"
            found.append(Claim(what, detour, MAX_DETOUR, "ms"))
    return found


def row(bus: str, processes: int, size: int, outcome: Outcome) -> list[str]:
    return [
        bus,
        str(processes),
        f"{size:,}",
        str(outcome.report.faults),
        *delays(outcome),
        str(outcome.threads),
        f"{outcome.idle_queries_per_second / processes:.1f}",
    ]
