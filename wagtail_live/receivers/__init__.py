"""Receivers: messages from messaging apps become live posts.

``base`` has the base class of receivers, ``document`` the content of a message, ``intake``
the steps from a message to a post, ``views`` the webhook, and each platform has a module of
its own.
"""

from __future__ import annotations

from ..conf import get_receivers

__all__ = ["get_receivers"]
