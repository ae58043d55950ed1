"""A fork waits for the threads of this package that ask the database.

A lock that a database's library holds in one of them, such as SQLite's around its memory,
would stay locked in the child for ever: only the thread that forks lives on there.
"""

from __future__ import annotations

import os
import threading
from collections import Counter

PATIENCE = 5.0  # seconds, as a database that is away may keep a thread for long


class ForkGuard:
    """``with fork_guard:`` around what must not be cut off by a fork. Reentrant; any
    number of threads may be inside."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """In a forked child: whoever was inside is not here."""
        self._changed = threading.Condition()
        self._inside: Counter[int] = Counter()

    def __enter__(self) -> None:
        with self._changed:
            self._inside[threading.get_ident()] += 1

    def __exit__(self, *exception: object) -> None:
        with self._changed:
            self._inside[threading.get_ident()] -= 1
            self._inside += Counter()  # without those that have left
            self._changed.notify_all()

    def close(self) -> None:
        """Wait until nobody else is inside, and let nobody in."""
        self._changed.acquire()
        self._changed.wait_for(self._is_alone, PATIENCE)

    def open(self) -> None:
        self._changed.release()

    def _is_alone(self) -> bool:
        return self._inside.keys() <= {threading.get_ident()}


fork_guard = ForkGuard()
os.register_at_fork(
    before=fork_guard.close,
    after_in_parent=fork_guard.open,
    after_in_child=fork_guard.reset,
)
