"""Receivers: messages of messaging apps become live posts.

``base`` has what a receiver is, ``document`` what a message says, ``intake`` what becomes
of it, ``views`` the webhook, and each platform has a module of its own.
"""

from __future__ import annotations

from .. import conf
from .base import BaseReceiver


@conf.read_once
def get_receivers() -> dict[str, BaseReceiver]:
    """The receivers of the site, by the names that ``WAGTAIL_LIVE_RECEIVERS`` gives."""
    return {
        name: receiver_class(name, options)
        for name, (receiver_class, options) in conf.get_receivers().items()
    }
