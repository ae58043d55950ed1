"""Buses: they tell the hubs of all processes that a channel has moved."""

from __future__ import annotations

from .. import conf
from ..background import after_fork
from .base import BaseBus

_current: tuple[tuple, BaseBus] | None = None


def get_bus() -> BaseBus:
    """Return this process's bus, as the setting ``WAGTAIL_LIVE_BUS`` says now."""
    global _current
    configuration = conf.get_bus_configuration()
    if _current is None or _current[0] != configuration:
        bus_class, location, options = configuration
        _current = configuration, bus_class(location, options)
    return _current[1]


def _forget_bus() -> None:
    """Start without a bus in a forked child: connections are the parent's."""
    global _current
    _current = None


after_fork(_forget_bus)
