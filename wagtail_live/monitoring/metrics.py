"""Metrics for Prometheus, with ``pip install "wagtail-live[metrics]"``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from ..delivery.hub import get_hub
from .counters import DELAYS, measures


class LiveCollector(Collector):
    """What this process delivers: ``REGISTRY.register(LiveCollector())``."""

    def collect(self) -> Iterator[Metric]:
        readers = get_hub().readers_by_channel()
        yield GaugeMetricFamily(
            "wagtail_live_readers",
            "Readers that wait in this process.",
            value=sum(readers.values()),
        )
        yield GaugeMetricFamily(
            "wagtail_live_channels",
            "Channels that have readers in this process.",
            value=len(readers),
        )
        for name, text, value in (
            ("updates", "Updates handed to readers.", measures.updates),
            ("bus_connects", "Connects of the bus.", measures.bus_connects),
            (
                "refused_readers",
                "Readers for whom there was no place.",
                measures.refused_readers,
            ),
        ):
            yield CounterMetricFamily(f"wagtail_live_{name}", text, value=value)
        yield self._delays()

    def _delays(self) -> Metric:
        bounds = [*map(str, DELAYS[:-1]), "+Inf"]
        counts = accumulate(measures.delay_counts)
        return HistogramMetricFamily(
            "wagtail_live_delay_seconds",
            "From the writing of an update until its readers are handed it.",
            buckets=list(zip(bounds, counts, strict=True)),
            sum_value=measures.delay_sum,
        )
