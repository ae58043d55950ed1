"""The only writer of posts.

Each function takes its turn on the channel: one transaction, whose first statement
locks the channel's row until the commit, in which a change takes the channel's next
cursor. So cursors increase in the order of the commits, whatever the clocks say, and a
reader who has seen one has seen all before it. The lock is an UPDATE because SQLite has
no other, and because a read before it would fail there as soon as two write at once.

A post is given as a ``LivePost`` or as the message it came from: ``Message(source,
message_id)``. One that is not in the channel raises ``LivePost.DoesNotExist``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import router, transaction
from django.db.models import F
from django.utils import timezone

from . import cursors
from .bus import get_bus
from .content import build_content, same_content
from .models import Channel, LivePost, Tombstone
from .signals import live_page_update


class Message(NamedTuple):
    """Where a post came from: ``source`` is ``""`` outside of receivers."""

    source: str
    message_id: str


class Withdrawn(Exception):
    """The message's post has been deleted, and a repeated delivery leaves it so."""


def publish(
    channel: Channel,
    content: list | str,
    *,
    source: str = "",
    message_id: str = "",
    created: datetime | None = None,
    show: bool = True,
) -> LivePost:
    """Add a post, or return the one that the message has; ``Withdrawn`` if deleted.

    ``content`` is a list of ``(block type, value)`` or a ``str`` of rich text, which is
    cleaned; ``ValueError`` where it is neither. ``created`` defaults to now.
    """
    content = build_content(content)
    with _turn(channel) as turn:
        delivered = _delivered(turn.channel, Message(source, message_id))
        if delivered:
            return delivered
        cursor = turn.advance()
        post = LivePost(
            id=cursors.time_ordered_uuid(cursor),
            channel=turn.channel,
            source=source,
            message_id=message_id or None,
            created=_in_current_mode(created) if created else cursor,
            show=show,
            first_published_at=cursor if show else None,
            content=content,
            updated_at=cursor,
        )
        post.save(force_insert=True)
        turn.announce(post.pk, "published")
    return post


def edit(
    channel: Channel,
    post: LivePost | Message,
    *,
    content: list | str | None = None,
    show: bool | None = None,
) -> LivePost:
    """Change a post's content, its visibility, or both. What is the same is no update."""
    if content is not None:
        content = build_content(content)
    with _turn(channel) as turn:
        post = _locked(turn.channel, post)
        edited = content is not None and not same_content(post.content, content)
        toggled = show is not None and show != post.show
        if not edited and not toggled:
            return post
        cursor = turn.advance()
        post.updated_at = cursor
        if edited:
            post.content = content
            post.modified = cursor
        if toggled:
            post.show = show
        if post.show and post.first_published_at is None:
            post.first_published_at = cursor
        post.save()
        turn.announce(post.pk, _action(post, toggled))
    return post


def hide(channel: Channel, post: LivePost | Message) -> LivePost:
    """Take a post away from readers; ``show`` brings it back."""
    return edit(channel, post, show=False)


def show(channel: Channel, post: LivePost | Message) -> LivePost:
    """Let readers see a post."""
    return edit(channel, post, show=True)


def delete(channel: Channel, post: LivePost | Message) -> None:
    """Withdraw a post for good: its content goes, a tombstone tells readers."""
    with _turn(channel) as turn:
        post = _locked(turn.channel, post)
        Tombstone.objects.create(
            channel=turn.channel,
            post_id=post.pk,
            source=post.source,
            message_id=post.message_id,
            was_published=post.first_published_at is not None,
            deleted_at=turn.advance(),
        )
        turn.announce(post.pk, "deleted")
        post.delete()


def purge_tombstones(channel: Channel, before: datetime) -> int:
    """Forget the posts deleted before then, and return how many.

    A reader who comes with an older cursor is answered with the list of all posts.
    """
    with _turn(channel) as turn:
        tombstones = turn.channel.tombstones.filter(deleted_at__lt=before)
        newest = tombstones.order_by("-deleted_at").first()
        if newest is None:
            return 0
        turn.channel.tombstones_purged_at = newest.deleted_at
        turn.channel.save(update_fields=["tombstones_purged_at"])
        return tombstones.delete()[0]


class _Turn:
    """One writer's turn on a channel, from the lock to the commit."""

    def __init__(self, channel: Channel):
        self.channel = channel

    def advance(self) -> datetime:
        """Take the channel's next cursor."""
        after_last = self.channel.last_updated_at + cursors.MICROSECOND
        self.channel.last_updated_at = max(timezone.now(), after_last)
        self.channel.save(update_fields=["last_updated_at"])
        return self.channel.last_updated_at

    def announce(self, post_id, action):
        """Tell of the update, once it is committed and only then."""
        using = self.channel._state.db
        cursor = self.channel.last_updated_at
        get_bus().announce(self.channel.channel_id, cursor, using=using)
        transaction.on_commit(
            partial(
                live_page_update.send_robust,
                sender=Channel,
                channel=self.channel,
                post_id=post_id,
                action=action,
                cursor=cursor,
            ),
            using=using,
        )


@contextmanager
def _turn(channel: Channel) -> Iterator[_Turn]:
    using = router.db_for_write(Channel, instance=channel)
    with transaction.atomic(using=using):
        channels = Channel.objects.using(using).filter(pk=channel.pk)
        channels.update(last_updated_at=F("last_updated_at"))
        yield _Turn(channels.get())


def _delivered(channel: Channel, message: Message) -> LivePost | None:
    if not message.message_id:
        return None
    of_message = {"source": message.source, "message_id": message.message_id}
    if channel.tombstones.filter(**of_message).exists():
        raise Withdrawn(f"The post of message {message.message_id!r} was deleted.")
    return channel.posts.filter(**of_message).first()


def _locked(channel: Channel, post: LivePost | Message) -> LivePost:
    """The post as it is now: the given instance, read again under the lock."""
    if isinstance(post, Message):
        return channel.posts.get(source=post.source, message_id=post.message_id)
    if post.channel_id != channel.pk:
        raise LivePost.DoesNotExist(f"Post {post.pk} is not in channel {channel}.")
    post.refresh_from_db(from_queryset=LivePost.objects.using(channel._state.db))
    return post


def _action(post: LivePost, toggled: bool) -> str:
    if not toggled:
        return "edited"
    return "shown" if post.show else "hidden"


def _in_current_mode(moment: datetime) -> datetime:
    """The moment as the database takes it: aware, or naive where ``USE_TZ = False``."""
    aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    return cursors.from_timestamp(cursors.to_timestamp(aware))
