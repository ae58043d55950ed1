"""Withdraw a post for good, undo that, and forget what was withdrawn long ago."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from .. import conf
from ..models import Channel, LivePost, Tombstone
from ..permissions import rights_on_channel
from . import history as versions
from .change import UNPUBLISHED, save
from .lock import ChannelLock, lock_channel
from .lookup import Message, find, is_mentioned

NOT_IN_SNAPSHOT = ("channel", "latest_revision", "updated_at")


def delete(
    channel: Channel,
    post: LivePost | Message,
    *,
    expected: datetime | None = None,
    user: Any = None,
) -> None:
    """Withdraw a post for good: its content and its versions go, a tombstone tells
    readers. Tombstones older than ``WAGTAIL_LIVE_KEEP_TOMBSTONES`` go, too."""
    rights = rights_on_channel(user, channel)
    with lock_channel(channel) as lock:
        post = find(lock.channel, post, expected)
        rights.require(publishing=post.status not in UNPUBLISHED)
        cursor = lock.advance(seen=post.show)
        if is_mentioned(lock.channel, post):
            lock.change_head()
        Tombstone.objects.create(
            channel=lock.channel,
            post_id=post.pk,
            source=post.source,
            message_id=post.message_id,
            was_published=post.first_published_at is not None,
            deleted_at=cursor,
        )
        lock.channel.posts.filter(pk=post.pk).delete()
        _purge(lock, cursor - timedelta(days=conf.get_keep_tombstones()))
        versions.log_deletion(post, user)
        lock.announce("deleted", post.pk)


def snapshot(post: LivePost) -> dict[str, Any]:
    """All that ``restore`` needs after a deletion, as it goes into JSON."""
    values: dict[str, Any] = {
        field.attname: _as_text(field, post) for field in _snapshot_fields()
    }
    values["is_pinned"] = post.channel.pinned_post_id == post.pk
    return values


def restore(
    channel: Channel, snapshot: dict[str, Any], *, user: Any = None
) -> LivePost:
    """Undo a deletion: the post is back as it was in the snapshot taken before, under
    its id, and readers get it as an update. A post that is there already stays as it
    is."""
    values = {
        field.attname: field.to_python(snapshot[field.attname])
        for field in _snapshot_fields()
    }
    rights = rights_on_channel(user, channel)
    with lock_channel(channel) as lock:
        existing = lock.channel.posts.filter(_same_post(values)).first()
        if existing:
            return existing
        lock.advance(seen=values["show"])
        post = LivePost(channel=lock.channel, **values)
        rights.require(publishing=post.status not in UNPUBLISHED)
        if not get_user_model().objects.filter(pk=post.author_id).exists():
            post.author = None
        lock.channel.tombstones.filter(post_id=post.pk).delete()
        save(lock, post, user)
        _pin_again(lock, post, snapshot["is_pinned"])
        versions.log_change(post, "restored", user)
        lock.announce("restored", post.pk)
    return post


def purge_tombstones(channel: Channel, before: datetime) -> int:
    """Forget the posts deleted before then, and return how many.

    A reader who comes with an older cursor is answered with the list of all posts.
    """
    with lock_channel(channel) as lock:
        return _purge(lock, before)


def _purge(lock: ChannelLock, before: datetime) -> int:
    tombstones = lock.channel.tombstones.filter(deleted_at__lt=before)
    newest = tombstones.order_by("-deleted_at").first()
    if newest is None:
        return 0
    lock.channel.tombstones_purged_at = newest.deleted_at
    lock.channel.save(update_fields=["tombstones_purged_at"])
    return tombstones.delete()[0]


def _snapshot_fields():
    fields = LivePost._meta.concrete_fields
    return [field for field in fields if field.name not in NOT_IN_SNAPSHOT]


def _as_text(field, post: LivePost) -> str | None:
    is_empty = field.value_from_object(post) is None
    return None if is_empty else field.value_to_string(post)


def _same_post(values: dict[str, Any]) -> Q:
    """The post itself, or one that its message has got meanwhile."""
    is_same = Q(pk=values["id"])
    if values["message_id"]:
        is_same |= Q(source=values["source"], message_id=values["message_id"])
    return is_same


def _pin_again(lock: ChannelLock, post: LivePost, was_pinned: bool) -> None:
    if was_pinned and lock.channel.pinned_post_id is None:
        lock.change_head(pinned_post=post)
