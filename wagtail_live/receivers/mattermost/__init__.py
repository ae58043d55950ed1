"""Mattermost, through outgoing webhooks."""

from .receiver import MattermostReceiver

__all__ = ["MattermostReceiver"]
