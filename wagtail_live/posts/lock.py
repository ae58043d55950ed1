"""A writer's turn on a channel.

Whatever changes a channel does so in one transaction, whose first statement locks the
channel's row until the commit, and in which the change takes the channel's next cursor.
So cursors increase in the order of the commits, whatever the clocks say, and a reader
who has seen one has seen all before it. The lock is an UPDATE because SQLite has no
other, and because a read before it would fail there as soon as two write at once.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import OperationalError, connections, router, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from .. import cursors
from ..bus import get_bus
from ..models import Channel, ChannelDeleted
from ..signals import live_page_update, live_page_updating

PATIENCE = 30.0  # seconds that a writer waits for SQLite's lock, or for its turn

# SQLite allows one writer at a time, and those that wait retry at growing intervals, in
# no order: of ten, one could wait for seconds. So writers of this process queue up.
_queues: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
os.register_at_fork(after_in_child=_queues.clear)


class ChannelLock:
    """The lock on a channel until the commit; ``channel`` is as read under the lock."""

    def __init__(self, channel: Channel):
        self.channel = channel

    def advance(self, *, seen: bool) -> datetime:
        """Take the channel's next cursor; ``seen`` where readers will see the change."""
        after_last = self.channel.last_updated_at + cursors.MICROSECOND
        self.channel.last_updated_at = max(timezone.now(), after_last)
        moved = ["last_updated_at"]
        if seen:
            self.channel.seen_updated_at = self.channel.last_updated_at
            moved.append("seen_updated_at")
        self.channel.save(update_fields=moved)
        return self.channel.last_updated_at

    def change_head(self, **changes) -> None:
        """Change what stands above the posts: state, key points, pinned post, timeline.
        Comes after ``advance``."""
        self.channel.head_updated_at = self.channel.last_updated_at
        for name, value in changes.items():
            setattr(self.channel, name, value)
        self.channel.save(update_fields=["head_updated_at", *changes])

    def announce(self, action: str, post_id: UUID | None = None) -> None:
        """Tell of the update, once it is committed and only then."""
        using = self.channel._state.db
        update = {
            "sender": Channel,
            "channel": self.channel,
            "post_id": post_id,
            "action": action,
            "cursor": self.channel.last_updated_at,
        }
        live_page_updating.send(**update)
        get_bus().announce(self.channel.channel_id, update["cursor"], using=using)
        transaction.on_commit(
            partial(live_page_update.send_robust, **update), using=using
        )


@contextmanager
def lock_channel(channel: Channel) -> Iterator[ChannelLock]:
    """Wait for the channel's lock; ``ChannelDeleted`` if the channel is gone.

    The channel of a turn, until that ends, is locked already: it gives the same turn.
    """
    if channel.lock is not None:
        yield channel.lock
        return
    using = router.db_for_write(Channel, instance=channel)
    channels = Channel.objects.using(using).filter(pk=channel.pk)
    with ExitStack() as stack:
        _lock(channels, stack)
        locked = channels.first()
        if locked is None:
            raise ChannelDeleted(f"Channel {channel} is gone.")
        locked.lock = ChannelLock(locked)
        try:
            yield locked.lock
        finally:
            locked.lock = None  # before the commit, after which others are told


def _lock(channels: QuerySet[Channel], stack: ExitStack) -> None:
    """Begin a transaction with the lock.

    SQLite lets writers of many processes wait in no order, so that one can run out of its
    time. Nothing has been read yet, so it is safe to begin anew, unless the transaction
    is the caller's.
    """
    connection = connections[channels.db]
    may_begin_anew = connection.vendor == "sqlite" and not connection.in_atomic_block
    deadline = time.monotonic() + PATIENCE
    while True:
        with ExitStack() as attempt:
            try:
                attempt.enter_context(atomic_in_queue(channels.db))
                channels.update(last_updated_at=F("last_updated_at"))
                stack.push(attempt.pop_all())
                return
            except OperationalError:
                if not may_begin_anew or time.monotonic() > deadline:
                    raise


class QueuePlace:
    """The place of a writer at the head of a database's queue, until it leaves."""

    def __init__(self, using: str):
        self._queue = _queues[using]
        self._is_taken = self._queue.acquire(timeout=PATIENCE)

    def leave(self) -> None:
        if self._is_taken:
            self._is_taken = False
            self._queue.release()


@contextmanager
def atomic_in_queue(using: str) -> Iterator[None]:
    """Begin a writing transaction when no other of this process is open on SQLite.

    The next writer continues after the commit, before the ``on_commit`` hooks run.
    """
    connection = connections[using]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic(using=using):
            yield
        return
    place = QueuePlace(using)
    try:
        with transaction.atomic(using=using):
            transaction.on_commit(place.leave, using=using)
            yield
    finally:
        place.leave()
