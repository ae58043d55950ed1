"""Delete a post, restore it, and purge the tombstones of old deletions."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from .. import conf, cursors
from ..models import Channel, ChannelDeleted, LivePost, Tombstone
from ..permissions import to_actor
from . import history
from .lock import ChannelLock, Message, Withdrawn, check_version, lock_channel
from .writer import save

NOT_IN_SNAPSHOT = ("channel", "latest_revision", "updated_at")


def delete(
    channel: Channel,
    post: LivePost | Message,
    *,
    actor: Any,
    expected: datetime | None = None,
) -> dict[str, Any]:
    """Delete a post with its content and versions, and leave a tombstone for readers.
    Tombstones older than ``WAGTAIL_LIVE_KEEP_TOMBSTONES`` are purged. Return the snapshot
    that ``restore`` needs."""
    actor = to_actor(actor)
    with lock_channel(channel) as lock:
        post = lock.find(post)
        check_version(post, expected)
        rights = actor.rights_on(lock.channel)
        rights.require(publishing=not post.is_unpublished)
        post.channel = lock.channel
        kept = {**snapshot(post), "versions": history.snapshot(post)}
        cursor = lock.advance(seen=post.show)
        if lock.overview_shows(post):
            lock.change_overview()
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
        history.log_deletion(post, actor.user)
        lock.announce("deleted", post.pk)
        lock.report_status(post, post.status, None, actor.user)
    return {**kept, "deleted_at": cursors.to_timestamp(cursor)}


def snapshot(post: LivePost) -> dict[str, Any]:
    """Return the values, ready for JSON, that ``restore`` needs after a deletion."""
    values: dict[str, Any] = {"is_pinned": post.channel.pinned_post_id == post.pk}
    for field in _snapshot_fields():
        is_empty = field.value_from_object(post) is None
        values[field.attname] = None if is_empty else field.value_to_string(post)
    return values


def restore(channel: Channel, snapshot: dict[str, Any], *, actor: Any) -> LivePost:
    """Undo a deletion: restore the post, under its id, from the snapshot that ``delete``
    returned. A post that exists already stays as it is; ``Withdrawn`` if it was restored
    and deleted again."""
    actor = to_actor(actor)
    values = {
        field.attname: field.to_python(snapshot[field.attname])
        for field in _snapshot_fields()
    }
    with lock_channel(channel) as lock:
        post = LivePost(channel=lock.channel, **values)
        rights = actor.rights_on(lock.channel)
        rights.require(publishing=not post.is_unpublished)
        is_same = Q(pk=post.pk)  # or a new post of the same message
        if post.message_id:
            is_same |= Q(source=post.source, message_id=post.message_id)
        existing = lock.channel.posts.filter(is_same).first()
        if existing:
            return existing
        _require_same_deletion(lock, post, snapshot.get("deleted_at"))
        lock.advance(seen=post.show)
        if not get_user_model().objects.filter(pk=post.author_id).exists():
            post.author = None
        lock.channel.tombstones.filter(post_id=post.pk).delete()
        history.restore(post, snapshot.get("versions", []))
        save(lock, post, actor)
        if snapshot["is_pinned"] and lock.channel.pinned_post_id is None:
            lock.change_overview(pinned_post=post)
        history.log_change(post, "restored", actor.user)
        lock.announce("restored", post.pk)
    return post


def _require_same_deletion(
    lock: ChannelLock, post: LivePost, deleted_at: float | None
) -> None:
    tombstone = lock.channel.tombstones.filter(post_id=post.pk).first()
    if tombstone is None or deleted_at is None:
        return
    if cursors.to_timestamp(tombstone.deleted_at) != deleted_at:
        raise Withdrawn(f"Post {post.pk} was restored and deleted again.")


def purge_tombstones(channel: Channel, before: datetime) -> int:
    """Purge the tombstones of posts deleted before a time; return their number.

    Readers with an older cursor get the list of all posts.
    """
    with lock_channel(channel) as lock:
        return _purge(lock, before)


def purge_old_tombstones(now: datetime) -> int:
    """Purge the tombstones older than ``WAGTAIL_LIVE_KEEP_TOMBSTONES`` in all channels."""
    before = now - timedelta(days=conf.get_keep_tombstones())
    channels = Channel.objects.filter(tombstones__deleted_at__lt=before).distinct()
    purged = 0
    for channel in channels:
        with suppress(ChannelDeleted):
            purged += purge_tombstones(channel, before)
    return purged


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
