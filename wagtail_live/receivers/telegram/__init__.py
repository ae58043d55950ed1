"""Telegram, through the webhook of the Bot API."""

from .receiver import TelegramReceiver

__all__ = ["TelegramReceiver"]
