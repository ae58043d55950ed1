"""Purges live pages from the cache in front of the site, if Wagtail knows of one."""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.dispatch import receiver
from wagtail.models import Page

from .models import Channel
from .signals import live_page_update

logger = logging.getLogger("wagtail_live.frontend_cache")

INTERVAL = 1.0  # seconds between two purges of a page

_waiting: set[int] = set()
_lock = threading.Lock()


@receiver(live_page_update, sender=Channel)
def purge_soon(sender: Any, channel: Channel, **kwargs: Any) -> None:
    """Purge the page at once or, if it was a moment ago, when a second is over. The
    writer does not wait for the cache."""
    if not getattr(settings, "WAGTAILFRONTENDCACHE", None):
        return
    with _lock:
        if channel.page_id in _waiting:
            return  # whoever waits will purge what is new now, too
        _waiting.add(channel.page_id)
    _start(0, channel.page_id)


def _start(delay: float, page_id: int) -> None:
    timer = threading.Timer(delay, _purge, [page_id])
    timer.daemon = True
    timer.start()


def _purge(page_id: int) -> None:
    # The site's cache is what its processes share: together they purge once a second.
    if not cache.add(f"wagtail_live.purge.{page_id}", True, timeout=INTERVAL):
        return _start(INTERVAL / 4, page_id)
    with _lock:
        _waiting.discard(page_id)
    try:
        _purge_now(page_id)
    except Exception:
        logger.exception("Can't purge page %s from the front-end cache.", page_id)
    finally:
        connections.close_all()


def _purge_now(page_id: int) -> None:
    from wagtail.contrib.frontend_cache.utils import PurgeBatch

    batch = PurgeBatch()
    pages = Page.objects.live().filter(pk=page_id)
    batch.add_pages((pages | Page.objects.live().filter(alias_of=page_id)).specific())
    batch.purge()
