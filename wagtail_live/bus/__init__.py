"""Buses, which tell the hubs of all processes that a channel has changed."""

from .base import BaseBus, get_bus

__all__ = ["BaseBus", "get_bus"]
