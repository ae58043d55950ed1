"""Buses: how the hubs of all processes hear that a channel has moved."""

from __future__ import annotations

from .. import conf
from .base import BaseBus

_current: tuple[tuple, BaseBus] | None = None


def get_bus() -> BaseBus:
    """The bus of this process, as ``WAGTAIL_LIVE_BUS`` says now."""
    global _current
    configuration = conf.get_bus_configuration()
    if _current is None or _current[0] != configuration:
        bus_class, location, options = configuration
        _current = configuration, bus_class(location, options)
    return _current[1]
