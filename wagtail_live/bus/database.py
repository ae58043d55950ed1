"""The bus that needs nothing: each process asks the database."""

from datetime import datetime

from .base import BaseBus


class DatabaseBus(BaseBus):
    """One small query in ``OPTIONS["interval"]`` seconds (default 0.5) and process for
    all the channels that have readers there, and none while nobody waits."""

    @property
    def look_interval(self) -> float:  # type: ignore[override]
        return self.options.get("interval", 0.5)

    def announce(self, channel_id: str, cursor: datetime, *, using: str) -> None:
        pass
