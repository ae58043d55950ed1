"""The lock on a channel, under which every change is made.

A change is one transaction. Its first statement locks the channel's row until the commit,
and the change takes the channel's next cursor. So cursors increase in the order of the
commits, whatever the clocks say, and a reader who has seen one has seen all before it.
The lock is an UPDATE, because SQLite has no other, and because there a transaction that
reads before it writes fails when two processes write at once.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, router, transaction
from django.db.models import F

from .. import cursors
from ..background import after_fork, retry_if_locked
from ..bus import get_bus
from ..models import Channel, ChannelDeleted, LivePost, PostStatus
from ..signals import (
    channel_changed,
    live_page_update,
    live_page_updating,
    live_post_reviewed,
    live_post_reviewing,
)

QUEUE_TIMEOUT = 30.0  # seconds that a writer waits in the queue
# Below this, the order of posts counts more than the clocks of the servers.
MAX_SKEW = timedelta(hours=1)
AS_CREATED: Any = object()  # the version of a post that has not changed since

# SQLite allows one writer at a time, and those that wait retry at growing intervals, in
# no order: of ten, one could wait for seconds. So writers of this process queue up.
_queues: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
after_fork(_queues.clear)


class Message(NamedTuple):
    """The message that a post came from; ``source`` is ``""`` outside of receivers."""

    source: str
    message_id: str


class Withdrawn(Exception):
    """The message's post was deleted; repeating the message doesn't restore it."""


class Conflict(Exception):
    """Somebody else has made another change since; ``post`` is the current version of the
    post, or the post that is pinned now, and ``None`` if no post is concerned."""

    def __init__(self, post: LivePost | None):
        super().__init__(f"{post or 'The channel'} has changed since it was read.")
        self.post = post


class ChannelLock:
    """The lock on a channel until the commit; ``channel`` is as read under the lock, and
    ``moment`` the time of the change, after ``advance``."""

    def __init__(self, channel: Channel):
        self.channel = channel
        self.moment = channel.last_updated_at

    def find(self, post: LivePost | Message) -> LivePost:
        """Return the post as it is now: the given instance, read again unless it was read
        under this lock."""
        if isinstance(post, Message):
            post = self.channel.posts.get(**post._asdict())
        elif post.channel_id != self.channel.pk:
            raise LivePost.DoesNotExist(
                f"Post {post.pk} is not in channel {self.channel}."
            )
        elif not (LivePost.channel.is_cached(post) and post.channel is self.channel):
            post.refresh_from_db(
                from_queryset=LivePost.objects.using(self.channel._state.db)
            )
        return post

    def find_delivered(self, message: Message) -> LivePost | None:
        """Return the post that the message already has; ``Withdrawn`` if it was deleted."""
        if not message.message_id:
            return None
        if self.channel.tombstones.filter(**message._asdict()).exists():
            raise Withdrawn(f"The post of message {message.message_id!r} was deleted.")
        return self.channel.posts.filter(**message._asdict()).first()

    def overview_shows(self, post: LivePost) -> bool:
        """Return whether the overview shows the post: pinned, or as a key event."""
        is_pinned = self.channel.pinned_post_id == post.pk
        return is_pinned or (post.is_key_event and post.first_published_at is not None)

    def advance(self, *, seen: bool) -> datetime:
        """Take the channel's next cursor; ``seen`` if readers will see the change."""
        after_last = self.channel.last_updated_at + cursors.MICROSECOND
        now = cursors.now()
        self.channel.last_updated_at = max(now, after_last)
        is_wrong = self.channel.last_updated_at - now > MAX_SKEW
        self.moment = now if is_wrong else self.channel.last_updated_at
        changed = ["last_updated_at"]
        if seen:
            self.channel.seen_updated_at = self.channel.last_updated_at
            changed.append("seen_updated_at")
        self.channel.save(update_fields=changed)
        return self.channel.last_updated_at

    def change_overview(self, **changes) -> None:
        """Change the state, key points, pinned post or timeline, after ``advance``."""
        self.channel.overview_updated_at = self.channel.last_updated_at
        for name, value in changes.items():
            setattr(self.channel, name, value)
        self.channel.save(update_fields=["overview_updated_at", *changes])

    def change_stage(self, **changes) -> None:
        """Change what the stage shows, after ``advance``."""
        self.channel.stage_updated_at = self.channel.last_updated_at
        for name, value in changes.items():
            setattr(self.channel, name, value)
        self.channel.save(update_fields=["stage_updated_at", *changes])

    def announce(self, action: str, post_id: UUID | None = None) -> None:
        """Announce the update once it is committed: to the readers of this process, to
        the other processes, and then to receivers of ``live_page_update``."""
        using = self.channel._state.db
        update = {
            "sender": Channel,
            "channel": self.channel,
            "post_id": post_id,
            "action": action,
            "cursor": self.channel.last_updated_at,
        }
        on_commit = partial(transaction.on_commit, using=using)
        on_commit(partial(channel_changed.send_robust, **update))
        get_bus().announce(self.channel.channel_id, update["cursor"], using=using)
        # Only now: tasks that its receivers start come after the hub and the bus.
        live_page_updating.send(**update)
        on_commit(partial(live_page_update.send_robust, **update))

    def report_status(
        self,
        post: LivePost,
        before: PostStatus | None,
        after: PostStatus | None,
        user: Any,
    ) -> None:
        """Send ``live_post_reviewed`` after the commit, if the post is submitted, or no
        longer is."""
        if before != after and PostStatus.SUBMITTED in (before, after):
            using = self.channel._state.db
            change = {"post": post, "before": before, "after": after, "user": user}
            live_post_reviewing.send(LivePost, **change)
            send = partial(live_post_reviewed.send_robust, LivePost, **change)
            transaction.on_commit(send, using=using)


def get_written_at(post: LivePost) -> datetime:
    """Return the cursor of the latest change by a writer. Embeds that were found since
    have moved ``updated_at``."""
    revision = post.latest_revision
    return cursors.to_aware(revision.created_at) if revision else post.updated_at


def check_version(post: LivePost, expected: datetime | None) -> None:
    """Raise ``Conflict`` if a post has changed since this version, or, for
    ``AS_CREATED``, since it was created."""
    if expected is None:
        return
    if expected is AS_CREATED:
        is_current = cursors.is_of_moment(post.pk, post.updated_at)
        is_current = is_current or cursors.is_of_moment(post.pk, get_written_at(post))
    else:
        expected = cursors.to_aware(expected)
        is_current = post.updated_at == expected
        is_current = is_current or get_written_at(post) <= expected < post.updated_at
    if not is_current:
        raise Conflict(post)


@contextmanager
def lock_channel(channel: Channel) -> Iterator[ChannelLock]:
    """Wait for the channel's lock; ``ChannelDeleted`` if the channel is gone.

    A channel that is locked already, such as ``lock.channel``, gives the same lock. A
    channel that is not saved yet is created.
    """
    if channel.lock is not None:
        yield channel.lock
        return
    if channel.pk is None:
        find = partial(Channel.objects.get_or_create, page_id=channel.page_id)
        channel = retry_if_locked(find)[0]
    using = router.db_for_write(Channel, instance=channel)
    channels = Channel.objects.using(using).filter(pk=channel.pk)
    with ExitStack() as stack:

        def begin() -> None:
            with ExitStack() as attempt:
                attempt.enter_context(_atomic_in_queue(using))
                channels.update(last_updated_at=F("last_updated_at"))
                stack.push(attempt.pop_all())

        retry_if_locked(begin)
        locked = channels.first()
        if locked is None:
            raise ChannelDeleted(f"Channel {channel} has been deleted.")
        locked.page_type = channel.page_type
        locked.lock = ChannelLock(locked)
        try:
            yield locked.lock
        finally:
            locked.lock = None  # before the commit, which announces the update


@contextmanager
def _atomic_in_queue(using: str) -> Iterator[None]:
    """Begin a transaction that writes; on SQLite, wait for the others of this process.

    The next writer continues after the commit, before the other ``on_commit`` hooks run.
    """
    connection = connections[using]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic(using=using):
            yield
        return
    queue = _queues[using]
    with ExitStack() as place:
        if queue.acquire(timeout=QUEUE_TIMEOUT):
            place.callback(queue.release)
        with transaction.atomic(using=using):
            transaction.on_commit(place.close, using=using)
            yield
