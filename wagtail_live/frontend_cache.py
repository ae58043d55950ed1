"""Purge live pages from the front-end cache, if the site has configured one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from wagtail.contrib.frontend_cache.utils import PurgeBatch

from .background import after_fork, after_update, as_in_requests, later
from .models import Channel, get_page_model

INTERVAL = 1.0  # seconds between two purges of a page

_waiting: set[int] = set()
after_fork(_waiting.clear)


@after_update
def purge_soon(channel: Channel, cursor: datetime, **kwargs: Any) -> None:
    """Purge the page, now or a second after its last purge, if readers see the update."""
    if (
        getattr(settings, "WAGTAILFRONTENDCACHE", None)
        and channel.seen_updated_at >= cursor
        and channel.page_id not in _waiting  # that purge includes this update
    ):
        purge(channel.page_id)


def purge(page_id: int) -> None:
    _waiting.discard(page_id)
    # Processes share the cache, so that together they purge once a second.
    if not cache.add(f"wagtail_live.purge.{page_id}", True, timeout=INTERVAL):
        _waiting.add(page_id)
        return later(purge, page_id, delay=INTERVAL / 4)
    live_pages = get_page_model().objects.live()
    shown = live_pages.filter(pk=page_id) | live_pages.filter(alias_of=page_id)
    with as_in_requests():
        batch = PurgeBatch()
        batch.add_pages(shown.specific())
        batch.purge()
