"""Writers of this process wait for SQLite in a line.

SQLite lets one write at a time, and those who wait look again at longer and longer
intervals, in no order: of ten, one could wait for seconds. Other processes still do.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

PATIENCE = 30.0  # seconds after which a writer tries without its place

_lines: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
os.register_at_fork(after_in_child=_lines.clear)


class Place:
    """A writer's place at the head of the line of a database, until it leaves."""

    def __init__(self, using: str):
        self._line = _lines[using]
        self._is_taken = self._line.acquire(timeout=PATIENCE)

    def leave(self) -> None:
        if self._is_taken:
            self._is_taken = False
            self._line.release()


@contextmanager
def atomic_in_line(using: str) -> Iterator[None]:
    """A transaction that will write, begun when this process has no other on SQLite.

    Others are let in as soon as it is committed, before the hooks of the commit run.
    """
    connection = connections[using]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic(using=using):
            yield
        return
    place = Place(using)
    try:
        with transaction.atomic(using=using):
            transaction.on_commit(place.leave, using=using)
            yield
    finally:
        place.leave()
