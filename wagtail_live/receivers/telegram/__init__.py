"""Telegram, over the Bot API's webhook."""

from .receiver import TelegramReceiver

__all__ = ["TelegramReceiver"]
