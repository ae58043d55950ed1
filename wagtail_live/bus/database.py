"""The default bus, for which each process polls the database."""

from .base import BaseBus


class DatabaseBus(BaseBus):
    """One small query every ``OPTIONS["interval"]`` seconds (default 0.5) in each process
    that has readers, for all their channels together."""

    @property
    def look_interval(self) -> float:  # type: ignore[override]
        return self.options.get("interval", 0.5)
