"""Metrics for Prometheus: ``pip install "wagtail-live[metrics]>=2"``."""

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
from .counters import BUCKETS, counters


class LiveCollector(Collector):
    """Metrics of this process: ``REGISTRY.register(LiveCollector())``."""

    def collect(self) -> Iterator[Metric]:
        readers = get_hub().readers_by_channel()
        yield GaugeMetricFamily(
            "wagtail_live_readers",
            "Readers waiting in this process.",
            value=sum(readers.values()),
        )
        yield GaugeMetricFamily(
            "wagtail_live_channels",
            "Channels that have readers in this process.",
            value=len(readers),
        )
        for name, text, value in (
            ("updates", "Updates delivered to readers.", counters.updates),
            ("bus_connects", "Connections of the bus.", counters.bus_connects),
            (
                "refused_readers",
                "Readers refused because too many were waiting.",
                counters.refused_readers,
            ),
        ):
            yield CounterMetricFamily(f"wagtail_live_{name}", text, value=value)
        yield self._delays()

    def _delays(self) -> Metric:
        bounds = [*map(str, BUCKETS[:-1]), "+Inf"]
        counts = accumulate(counters.delay_counts)
        return HistogramMetricFamily(
            "wagtail_live_delay_seconds",
            "Time from the writing of an update to its delivery.",
            buckets=list(zip(bounds, counts, strict=True)),
            sum_value=counters.delay_sum,
        )
