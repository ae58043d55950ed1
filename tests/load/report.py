"""The tables that the benchmark prints, in Markdown."""

from collections.abc import Iterable, Sequence

from tests.load.run import Outcome

DELIVERY_COLUMNS = (
    "",
    "readers",
    "delivered %",
    "faults",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "CPU µs/delivery",
    "KiB/reader",
    "threads",
    "idle queries/s",
    "client CPU %",
    "client lag p99 ms",
)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def delivery_row(title: str, outcome: Outcome) -> list[str]:
    report = outcome.report
    return [
        title,
        f"{outcome.readers:,}",
        percent(outcome),
        str(report.faults),
        *delays(outcome),
        f"{outcome.cpu_per_delivery:.1f}",
        f"{outcome.memory_per_reader:.1f}",
        str(outcome.threads),
        f"{outcome.idle_queries_per_second:.1f}",
        f"{outcome.client_share:.0%}".rstrip("%"),
        f"{outcome.client_lag * 1e3:.0f}",
    ]


def percent(outcome: Outcome) -> str:
    share = outcome.deliveries / max(1, outcome.report.expected)
    return f"{share:.2%}".rstrip("%")


def delays(outcome: Outcome) -> list[str]:
    return [f"{outcome.report.delay(share):.1f}" for share in (0.5, 0.95, 0.99)]
