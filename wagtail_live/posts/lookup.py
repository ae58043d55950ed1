"""Which post is meant, as it is under the lock of its channel."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ..cursors import in_current_mode
from ..models import Channel, LivePost


class Message(NamedTuple):
    """Where a post came from: ``source`` is ``""`` outside of receivers."""

    source: str
    message_id: str


class Withdrawn(Exception):
    """The message's post has been deleted, and a repeated delivery leaves it so."""


class Conflict(Exception):
    """The post has been changed since it was read; ``post`` is as it is now."""

    def __init__(self, post: LivePost):
        super().__init__(f"Post {post.pk} has been changed meanwhile.")
        self.post = post


def find(
    channel: Channel, post: LivePost | Message, expected: datetime | None = None
) -> LivePost:
    """The post as it is now: the given instance, read again unless it was read in this
    turn on the channel."""
    if isinstance(post, Message):
        post = channel.posts.get(source=post.source, message_id=post.message_id)
    elif post.channel_id != channel.pk:
        raise LivePost.DoesNotExist(f"Post {post.pk} is not in channel {channel}.")
    elif not (LivePost.channel.is_cached(post) and post.channel is channel):
        post.refresh_from_db(from_queryset=LivePost.objects.using(channel._state.db))
    if expected is not None and post.updated_at != in_current_mode(expected):
        raise Conflict(post)
    return post


def find_delivered(channel: Channel, message: Message) -> LivePost | None:
    """The post that the message has already; ``Withdrawn`` if it was deleted."""
    if not message.message_id:
        return None
    of_message = {"source": message.source, "message_id": message.message_id}
    if channel.tombstones.filter(**of_message).exists():
        raise Withdrawn(f"The post of message {message.message_id!r} was deleted.")
    return channel.posts.filter(**of_message).first()


def is_mentioned(channel: Channel, post: LivePost) -> bool:
    """Whether the head of the page shows the post: pinned, or as a key event."""
    is_pinned = channel.pinned_post_id == post.pk
    return is_pinned or (post.is_key_event and post.first_published_at is not None)
