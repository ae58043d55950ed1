"""The tables that the benchmark prints, in Markdown."""

import sys
from collections.abc import Iterable, Sequence

from tests.load.claims import Claim
from tests.load.run import Outcome

DELIVERY_COLUMNS = (
    "server",
    "readers",
    "delivered %",
    "faults",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "× nchan",
    "CPU µs per delivery",
    "× nchan",
    "KiB per reader",
    "× nchan",
    "threads",
    "idle queries/s",
    "client µs per delivery",
    "client lag ms",
)
CLAIM_COLUMNS = ("claim", "measured", "must be", "from", "")
told: list[str] = []


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    rule = ["---"] + ["---:"] * (len(columns) - 1)
    lines = [columns, rule, *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def delivery_row(
    title: str, outcome: Outcome, nchan: Outcome | None = None
) -> list[str]:
    """Return a row, with ratios if nchan was measured in the same way."""
    return [
        title,
        f"{outcome.readers:,}",
        f"{outcome.delivered:.2f}",
        str(outcome.report.faults),
        *delays(outcome),
        ratio(outcome.report.delay(0.99), nchan and nchan.report.delay(0.99)),
        f"{outcome.cpu_per_delivery:.1f}",
        ratio(outcome.cpu_per_delivery, nchan and nchan.cpu_per_delivery),
        f"{outcome.memory_per_reader:.1f}",
        ratio(outcome.memory_per_reader, nchan and nchan.memory_per_reader),
        str(outcome.threads),
        f"{outcome.idle_queries_per_second:.1f}",
        f"{outcome.client_cpu_per_delivery:.1f}",
        f"{outcome.client_lag * 1e3:.0f}",
    ]


def ratio(value: float, reference: float | None) -> str:
    return f"{value / reference:.2f}" if reference else "–"


def delays(outcome: Outcome) -> list[str]:
    return [f"{outcome.report.delay(share):.1f}" for share in (0.5, 0.95, 0.99)]


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    tell(f"### {title}\n\n{table(columns, rows)}")


def tell(text: str) -> None:
    """Print a paragraph or a table that belongs on the page, too."""
    print(f"\n{text}", flush=True)
    told.append(text)


def take_told() -> list[str]:
    """Return what was told since the last call."""
    taken = told.copy()
    told.clear()
    return taken


def show_claims(claims: Iterable[Claim]) -> None:
    show("What must hold", CLAIM_COLUMNS, [claim.row() for claim in claims])


def progress(line: str) -> None:
    print(f"… {line}", file=sys.stderr, flush=True)


def progress_of(title: str, outcome: Outcome, nchan: Outcome | None = None) -> None:
    progress(" | ".join(delivery_row(title, outcome, nchan)))
    if outcome.report.faults:
        progress(str(outcome.report))
