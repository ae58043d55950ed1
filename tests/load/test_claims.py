"""The limits fail where they should, and say by which ratio."""

from dataclasses import replace

import pytest

from tests.load.bench import parse
from tests.load.checker import Report
from tests.load.claims import all_hold, times
from tests.load.delivery import claims, quieter
from tests.load.report import DELIVERY_COLUMNS, delivery_row
from tests.load.run import Outcome
from tests.load.streams import claims as claims_of_streams
from tests.load.streams import possible

READERS = 10_000


def outcome(*, cpu=10.0, p99=200.0, kib=8.0, lost=0, readers=READERS):
    """Return the outcome of one update that took this many µs, ms and KiB."""
    report = Report(readers, expected=readers, lost=lost)
    report.delays = [int(p99 * 1e6)] * (readers - lost)
    return Outcome(
        readers=readers,
        updates=1,
        report=report,
        cpu_time=cpu * len(report.delays) / 1e6,
        memory=int(kib * 1024 * readers),
        resident=int(kib * 1024 * readers) + 80 * 2**20,
        threads=6,
        idle_queries_per_second=2.2,
        queries=0,
        client_cpu_time=0.1,
        client_lag=0.01,
    )


def failures(name, ours, nchan):
    results = {(f"nchan-{name}", READERS): nchan, (name, READERS): ours}
    return [claim.what for claim in claims(results) if not claim.holds]


def test_a_ratio_names_both_values():
    claim = times("CPU", 20, 1.3, 10, "µs", "nchan")
    assert not claim.holds
    assert claim.row() == [
        "CPU",
        "2.00 ×",
        "≤ 1.30 ×",
        "20.0 µs to nchan's 10.0 µs",
        "**FAIL**",
    ]
    assert all_hold([claim._replace(value=1.2)])


@pytest.mark.parametrize(
    ("measured", "fault"),
    [
        ({"cpu": 13.1}, "CPU"),
        ({"p99": 301}, "p99"),
        ({"kib": 10.1}, "memory per reader"),
        ({"lost": 1}, "delivered"),
    ],
)
def test_each_limit_of_event_streams_is_checked(measured, fault):
    title = "event stream, 10,000 readers"
    good = outcome(cpu=12.9, p99=299, kib=9.9)
    assert failures("event-stream", good, outcome()) == []
    found = failures("event-stream", outcome(**measured), outcome())
    assert f"{title}: {fault}" in found


def test_a_long_poll_may_take_a_fixed_time_or_a_multiple():
    assert failures("long-poll", outcome(cpu=89), outcome(cpu=10)) == []
    assert failures("long-poll", outcome(cpu=119), outcome(cpu=20)) == []
    assert failures("long-poll", outcome(cpu=91), outcome(cpu=10)) == [
        "long poll, 10,000 readers: CPU"
    ]


def test_fewer_readers_are_not_compared():
    few = outcome(cpu=500, readers=100)
    results = {("nchan-event-stream", 100): outcome(), ("event-stream", 100): few}
    assert all_hold(claims(results))


def test_a_quiet_round_counts_but_hides_no_fault():
    quiet, noisy = outcome(p99=100), outcome(p99=900)
    faulty = replace(noisy, report=replace(noisy.report, repeated=1))
    assert quieter(quiet, noisy) is quieter(noisy, quiet) is quiet
    assert quieter(quiet, faulty) is faulty
    lacking = outcome(p99=900, lost=1)
    assert quieter(quiet, lacking) is lacking


def test_a_row_has_the_ratios_to_nchan():
    row = delivery_row("ours", outcome(cpu=12, p99=300, kib=4), outcome())
    assert len(row) == len(DELIVERY_COLUMNS)
    ratios = [row[at] for at, name in enumerate(DELIVERY_COLUMNS) if name == "× nchan"]
    assert ratios == ["1.50", "1.20", "0.50"]
    assert "–" in delivery_row("ours", outcome())


def test_a_part_of_a_name_selects_targets():
    options = parse(["--targets", "event-stream-send", "--readers", "10,5"])
    assert options.targets == ["floor-event-stream-send", "event-stream-send"]
    assert options.readers == [5, 10]


def test_a_limit_of_descriptors_is_announced(capsys):
    assert possible(50_000, descriptors=60_000) == 50_000
    assert capsys.readouterr().out == ""
    assert possible(50_000, descriptors=20_000) == 19_500
    assert "NOT MEASURED: 50,000 streams." in capsys.readouterr().out


@pytest.mark.parametrize(("streams", "p99"), [(50_000, 2_500), (20_000, 1_000)])
def test_fewer_streams_may_take_their_share(streams, p99):
    def failures(**measured):
        found = claims_of_streams(outcome(readers=streams, **measured))
        return [claim.what for claim in found if not claim.holds]

    assert failures(p99=p99 - 1, kib=10) == []
    assert failures(p99=p99 + 1, kib=10) == [f"{streams:,} streams: p99"]
    assert failures(p99=p99 - 1, kib=11) == [f"{streams:,} streams: memory"]
    assert f"{streams:,} streams: delivered" in failures(lost=1)
