"""Discord, through the gateway."""

from .receiver import DiscordReceiver

__all__ = ["DiscordReceiver"]
