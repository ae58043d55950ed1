"""A writer's turn on a channel.

Whatever changes a channel does so in one transaction, whose first statement locks the
channel's row until the commit, and in which the change takes the channel's next cursor.
So cursors increase in the order of the commits, whatever the clocks say, and a reader
who has seen one has seen all before it. The lock is an UPDATE because SQLite has no
other, and because a read before it would fail there as soon as two write at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import OperationalError, connections, router, transaction
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone

from . import cursors
from .bus import get_bus
from .lines import atomic_in_line
from .models import Channel
from .signals import live_page_update, live_page_updating

PATIENCE = 30.0  # seconds that a writer waits for SQLite's lock


class ChannelDeleted(Channel.DoesNotExist, Http404):
    """The channel went with its page meanwhile; a view that meets this answers 404."""


class Turn:
    """From the lock to the commit; ``channel`` is as it is under the lock."""

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
def take_turn(channel: Channel) -> Iterator[Turn]:
    """Wait for the channel's lock; ``ChannelDeleted`` if the channel is gone.

    The channel of a turn, until that ends, is locked already: it gives the same turn.
    """
    if channel.turn is not None:
        yield channel.turn
        return
    using = router.db_for_write(Channel, instance=channel)
    channels = Channel.objects.using(using).filter(pk=channel.pk)
    with ExitStack() as stack:
        _lock(channels, stack)
        locked = channels.first()
        if locked is None:
            raise ChannelDeleted(f"Channel {channel} is gone.")
        locked.turn = Turn(locked)
        try:
            yield locked.turn
        finally:
            locked.turn = None  # before the commit, after which others are told


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
                attempt.enter_context(atomic_in_line(channels.db))
                channels.update(last_updated_at=F("last_updated_at"))
                stack.push(attempt.pop_all())
                return
            except OperationalError:
                if not may_begin_anew or time.monotonic() > deadline:
                    raise
