"""Searches for the embeds of URLs that reporters enter.

A slow site may take ten seconds for each of some requests. They run in threads of their own,
and a worker of the site waits for them only for a moment.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, TimeoutError
from functools import partial

from wagtail.blocks import StreamBlock

from ...background import Threads, after_fork
from ...receivers.composing import get_embed

WAITING_TIME = 2.0  # seconds that a request waits for the answer
MAX_SEARCHES = 100  # that are remembered
threads = Threads(2)
after_fork(threads.reset)

_lock = threading.Lock()
_searches: dict[str, Future] = {}


def look_up(url: str, block: StreamBlock) -> bool | None:
    """Return whether there is an embed or a card for a URL in posts with this block,
    ``None`` if that isn't known yet: the search goes on, and the next call returns its
    result."""
    embed = get_embed(url, block)
    if embed is None or embed.stored is not None:
        return embed is not None
    with _lock:
        search = _searches.get(url)
        if search is None:
            search = _start(url, block)
    try:
        found = search.result(WAITING_TIME)
    except TimeoutError:
        return None
    with _lock:
        if _searches.get(url) is search:  # the next call searches again
            del _searches[url]
    return found


def _start(url: str, block: StreamBlock) -> Future:
    if len(_searches) >= MAX_SEARCHES:
        _searches.clear()
    search: Future = Future()
    _searches[url] = search
    threads.add(partial(_run, url, block, search))
    return search


def _run(url: str, block: StreamBlock, search: Future) -> None:
    found = False
    try:
        embed = get_embed(url, block)
        if embed is not None:
            embed.resolve()
            found = embed.stored is not None
    finally:
        if not search.done():  # it runs again if SQLite was locked
            search.set_result(found)
