"""The default bus, for which each process polls the database."""

from django.core import checks

from .base import BaseBus

DEFAULT_INTERVAL = 0.5  # seconds


class DatabaseBus(BaseBus):
    """One small query every ``OPTIONS["interval"]`` seconds (default 0.5) in each process
    that has readers, for all their channels together."""

    @property
    def look_interval(self) -> float:  # type: ignore[override]
        interval = self.options.get("interval")
        if isinstance(interval, int | float) and interval > 0:
            return interval
        return DEFAULT_INTERVAL

    def check(self) -> list[checks.CheckMessage]:
        interval = self.options.get("interval", DEFAULT_INTERVAL)
        if interval == self.look_interval:
            return []
        return [
            checks.Error(
                'WAGTAIL_LIVE_BUS["OPTIONS"]["interval"] must be a number of seconds '
                f"above 0, not {interval!r}.",
                hint=f"Leave it out for the default of {DEFAULT_INTERVAL} s.",
                id="wagtail_live.E006",
            )
        ]
