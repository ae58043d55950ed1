"""Discord, over the gateway."""

from .receiver import DiscordReceiver

__all__ = ["DiscordReceiver"]
