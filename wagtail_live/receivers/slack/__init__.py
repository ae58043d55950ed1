"""Slack, through the Events API."""

from .receiver import SlackReceiver

__all__ = ["SlackReceiver"]
