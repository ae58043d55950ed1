"""Publish, edit, hide and show a post."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from wagtail.models import Revision

from .. import cursors
from ..models import Channel, LivePost, PostStatus
from ..permissions import rights_on_channel
from . import history as versions
from .change import UNCHANGED, WRITTEN, change, save, stage
from .content import build_content
from .lock import lock_channel
from .lookup import Message, find, find_delivered

ARRIVALS = {
    PostStatus.DRAFT: "drafted",
    PostStatus.SUBMITTED: "submitted",
    PostStatus.SCHEDULED: "scheduled",
    PostStatus.PUBLISHED: "published",
}


def publish(
    channel: Channel,
    content: list | str,
    *,
    source: str = "",
    message_id: str = "",
    created: datetime | None = None,
    show: bool = True,
    go_live_at: datetime | None = None,
    submitted: bool = False,
    title: str = "",
    author: Any = None,
    author_name: str = "",
    is_key_event: bool = False,
    user: Any = None,
) -> LivePost:
    """Add a post, or return the one that the message has; ``Withdrawn`` if deleted.

    ``content`` is a list of ``(block type, value)`` or a ``str`` of rich text, which is
    cleaned; ``ValueError`` where it is neither. ``created`` defaults to now. ``author`` is
    the user who wrote it, ``author_name`` the name that readers see. The first post that
    readers see starts the channel.

    A post that is not shown is a draft, with ``submitted`` one for an editor to look at,
    and with ``go_live_at`` in the future one that is published then.
    """
    rights = rights_on_channel(user, channel)
    content = build_content(content)
    with lock_channel(channel) as lock:
        delivered = find_delivered(lock.channel, Message(source, message_id))
        if delivered:
            return delivered
        values = stage(timezone.now(), show, go_live_at, submitted)
        cursor = lock.advance(seen=values["show"])
        post = LivePost(
            id=cursors.time_ordered_uuid(cursor),
            channel=lock.channel,
            source=source,
            message_id=message_id or None,
            created=cursors.in_current_mode(created) if created else cursor,
            title=title,
            author=author,
            author_name=author_name,
            is_key_event=is_key_event,
            content=content,
            **values,
        )
        rights.require(publishing=bool(post.show or post.go_live_at))
        save(lock, post, user)
        versions.log_change(post, ARRIVALS[post.status], user, content_changed=True)
        lock.announce(ARRIVALS[post.status], post.pk)
    return post


def edit(
    channel: Channel,
    post: LivePost | Message,
    *,
    content: list | str | None = None,
    title: str | None = None,
    author_name: str | None = None,
    is_key_event: bool | None = None,
    show: bool | None = None,
    go_live_at: datetime | None = UNCHANGED,
    submitted: bool | None = None,
    expected: datetime | None = None,
    user: Any = None,
) -> LivePost:
    """Change what is given of a post. What is the same is no update.

    ``go_live_at`` in the future takes the post from readers until then; ``None`` cancels
    the schedule.
    """
    written = {
        "content": None if content is None else build_content(content),
        "title": title,
        "author_name": author_name,
        "is_key_event": is_key_event,
    }
    values = {name: value for name, value in written.items() if value is not None}
    rights = rights_on_channel(user, channel)
    with lock_channel(channel) as lock:
        post = find(lock.channel, post, expected)
        values |= stage(timezone.now(), show, go_live_at, submitted)
        return change(lock, post, values, user, rights)


def hide(
    channel: Channel,
    post: LivePost | Message,
    *,
    expected: datetime | None = None,
    user: Any = None,
) -> LivePost:
    """Take a post away from readers, also if it is only scheduled; ``show`` brings it
    back."""
    return edit(
        channel, post, show=False, go_live_at=None, expected=expected, user=user
    )


def show(
    channel: Channel,
    post: LivePost | Message,
    *,
    expected: datetime | None = None,
    user: Any = None,
) -> LivePost:
    """Let readers see a post."""
    return edit(channel, post, show=True, expected=expected, user=user)


def revert(
    channel: Channel,
    post: LivePost,
    revision: Revision,
    *,
    show: bool | None = None,
    expected: datetime | None = None,
    user: Any = None,
) -> LivePost:
    """Let a post say again what it said in one of its revisions. Readers see it as they
    did before, if ``show`` does not say otherwise."""
    rights = rights_on_channel(user, channel)
    with lock_channel(channel) as lock:
        post = find(lock.channel, post, expected)
        version = post.revisions.get(pk=revision.pk).as_object()
        values = {name: getattr(version, name) for name in WRITTEN}
        values |= stage(timezone.now(), show)
        details = {"data": versions.describe(revision), "log_as": "reverted"}
        return change(lock, post, values, user, rights, **details)
