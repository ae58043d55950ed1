"""The only writer of posts, each of whose functions takes its turn on the channel.

A post is given as a ``LivePost`` or as the message it came from: ``Message(source,
message_id)``. One that is not in the channel raises ``LivePost.DoesNotExist``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from . import cursors
from .content import build_content, same_content
from .models import Channel, ChannelState, LivePost, Tombstone
from .turns import Turn, take_turn


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
    title: str = "",
    author: Any = None,
    author_name: str = "",
    is_key_event: bool = False,
) -> LivePost:
    """Add a post, or return the one that the message has; ``Withdrawn`` if deleted.

    ``content`` is a list of ``(block type, value)`` or a ``str`` of rich text, which is
    cleaned; ``ValueError`` where it is neither. ``created`` defaults to now. ``author`` is
    the user who wrote it, ``author_name`` the name that readers see. The first post that
    readers see starts the channel.
    """
    content = build_content(content)
    with take_turn(channel) as turn:
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
            title=title,
            author=author,
            author_name=author_name,
            is_key_event=is_key_event,
            show=show,
            content=content,
        )
        _save(turn, post)
        turn.announce("published", post.pk)
    return post


def edit(
    channel: Channel,
    post: LivePost | Message,
    *,
    content: list | str | None = None,
    show: bool | None = None,
    title: str | None = None,
    author_name: str | None = None,
    is_key_event: bool | None = None,
) -> LivePost:
    """Change what is given of a post. What is the same is no update."""
    changes = {
        "content": None if content is None else build_content(content),
        "show": show,
        "title": title,
        "author_name": author_name,
        "is_key_event": is_key_event,
    }
    with take_turn(channel) as turn:
        post = _locked(turn.channel, post)
        changed = {
            name: value
            for name, value in changes.items()
            if value is not None and not _is_same(post, name, value)
        }
        if not changed:
            return post
        is_mentioned = _is_mentioned(turn.channel, post)
        cursor = turn.advance()
        for name, value in changed.items():
            setattr(post, name, value)
        if post.first_published_at and not {"content", "title"}.isdisjoint(changed):
            post.modified = cursor
        _save(turn, post, head_changed=is_mentioned)
        turn.announce(_action(post, "show" in changed), post.pk)
    return post


def hide(channel: Channel, post: LivePost | Message) -> LivePost:
    """Take a post away from readers; ``show`` brings it back."""
    return edit(channel, post, show=False)


def show(channel: Channel, post: LivePost | Message) -> LivePost:
    """Let readers see a post."""
    return edit(channel, post, show=True)


def delete(channel: Channel, post: LivePost | Message) -> None:
    """Withdraw a post for good: its content goes, a tombstone tells readers."""
    with take_turn(channel) as turn:
        post = _locked(turn.channel, post)
        cursor = turn.advance()
        if _is_mentioned(turn.channel, post):
            turn.change_head()
        Tombstone.objects.create(
            channel=turn.channel,
            post_id=post.pk,
            source=post.source,
            message_id=post.message_id,
            was_published=post.first_published_at is not None,
            deleted_at=cursor,
        )
        turn.channel.posts.filter(pk=post.pk).delete()
        turn.announce("deleted", post.pk)


def purge_tombstones(channel: Channel, before: datetime) -> int:
    """Forget the posts deleted before then, and return how many.

    A reader who comes with an older cursor is answered with the list of all posts.
    """
    with take_turn(channel) as turn:
        tombstones = turn.channel.tombstones.filter(deleted_at__lt=before)
        newest = tombstones.order_by("-deleted_at").first()
        if newest is None:
            return 0
        turn.channel.tombstones_purged_at = newest.deleted_at
        turn.channel.save(update_fields=["tombstones_purged_at"])
        return tombstones.delete()[0]


def _save(turn: Turn, post: LivePost, *, head_changed: bool = False) -> None:
    """Save the post at the turn's cursor, and what the head of the page says of it."""
    channel = turn.channel
    cursor = post.updated_at = channel.last_updated_at
    if post.show and post.first_published_at is None:
        post.first_published_at = cursor
    if post.show and channel.state == ChannelState.NOT_STARTED:
        turn.change_head(state=ChannelState.LIVE, started_at=cursor)
    elif head_changed or _is_mentioned(channel, post):
        turn.change_head()
    post.save(force_insert=post._state.adding)


def _is_mentioned(channel: Channel, post: LivePost) -> bool:
    """Whether the head of the page shows the post: pinned, or as a key event."""
    is_pinned = channel.pinned_post_id == post.pk
    return is_pinned or (post.is_key_event and post.first_published_at is not None)


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


def _is_same(post: LivePost, name: str, value) -> bool:
    if name == "content":
        return same_content(post.content, value)
    return getattr(post, name) == value


def _action(post: LivePost, toggled: bool) -> str:
    if not toggled:
        return "edited"
    return "shown" if post.show else "hidden"


def _in_current_mode(moment: datetime) -> datetime:
    """The moment as the database takes it: aware, or naive where ``USE_TZ = False``."""
    return cursors.from_timestamp(cursors.to_timestamp(moment))
