"""WhatsApp, through the webhooks of the Cloud API."""

from .receiver import WhatsAppReceiver

__all__ = ["WhatsAppReceiver"]
