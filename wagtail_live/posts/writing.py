"""Publish, edit, hide and show a post."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from wagtail.models import Revision

from .. import cursors
from ..content import build_content, same_content
from ..models import Channel, ChannelState, LivePost, PostStatus
from ..turns import Turn, take_turn
from . import versions
from .existing import Message, find, find_delivered, is_mentioned

UNCHANGED: Any = object()
WRITTEN = ("content", "title", "author_name", "is_key_event")
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
    content = build_content(content)
    with take_turn(channel) as turn:
        delivered = find_delivered(turn.channel, Message(source, message_id))
        if delivered:
            return delivered
        cursor = turn.advance()
        post = LivePost(
            id=cursors.time_ordered_uuid(cursor),
            channel=turn.channel,
            source=source,
            message_id=message_id or None,
            created=cursors.in_current_mode(created) if created else cursor,
            title=title,
            author=author,
            author_name=author_name,
            is_key_event=is_key_event,
            content=content,
            **_stage(cursor, show, go_live_at, submitted),
        )
        save(turn, post, user=user)
        _tell(turn, post, ARRIVALS[post.status], user, content_changed=True)
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
    written = {name: value for name, value in written.items() if value is not None}
    with take_turn(channel) as turn:
        post = find(turn.channel, post, expected)
        stage = _stage(timezone.now(), show, go_live_at, submitted)
        return change(turn, post, written | stage, user=user)


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
    expected: datetime | None = None,
    user: Any = None,
) -> LivePost:
    """Let a post say again what it said in one of its revisions. Whether readers see it
    stays as it is."""
    with take_turn(channel) as turn:
        post = find(turn.channel, post, expected)
        version = post.revisions.get(pk=revision.pk).as_object()
        written = {name: getattr(version, name) for name in WRITTEN}
        return change(turn, post, written, user=user, reverted_to=revision)


def change(
    turn: Turn,
    post: LivePost,
    values: dict,
    *,
    user: Any = None,
    reverted_to: Revision | None = None,
) -> LivePost:
    """Change a post that was found in this turn."""
    changed = {name: v for name, v in values.items() if not _is_same(post, name, v)}
    if not changed:
        return post
    before, was_mentioned = post.status, is_mentioned(turn.channel, post)
    cursor = turn.advance()
    for name, value in changed.items():
        setattr(post, name, value)
    if post.first_published_at and not {"content", "title"}.isdisjoint(changed):
        post.modified = cursor
    save(turn, post, user=user, head_changed=was_mentioned)
    action = versions.name_change(post, before, changed)
    details = {"content_changed": not changed.keys().isdisjoint(WRITTEN)}
    if reverted_to:
        action, details["data"] = "reverted", versions.describe(reverted_to)
    _tell(turn, post, action, user, **details)
    return post


def save(
    turn: Turn, post: LivePost, *, user: Any = None, head_changed: bool = False
) -> None:
    """Save the post at the turn's cursor, and what the head of the page says of it."""
    channel = turn.channel
    cursor = post.updated_at = channel.last_updated_at
    if post.show and post.first_published_at is None:
        post.first_published_at = cursor
        if not post._state.adding:
            post.created = cursor  # readers find it on top, however old the draft
    if post.show and channel.state == ChannelState.NOT_STARTED:
        turn.change_head(state=ChannelState.LIVE, started_at=cursor)
    elif head_changed or is_mentioned(channel, post):
        turn.change_head()
    versions.save(post, user)


def _tell(turn: Turn, post: LivePost, action: str, user: Any, **details) -> None:
    versions.log_change(post, action, user, **details)
    turn.announce("edited" if action == "reverted" else action, post.pk)


def _stage(
    now: datetime,
    show: bool | None,
    go_live_at: datetime | None,
    submitted: bool | None,
) -> dict:
    """What of ``show``, ``go_live_at`` and ``submitted_at`` is to change."""
    if isinstance(go_live_at, datetime):
        go_live_at = cursors.in_current_mode(go_live_at)
        show = go_live_at <= now
    if show:
        return {"show": True, "go_live_at": None, "submitted_at": None}
    stage: dict[str, Any] = {}
    if show is not None:
        stage["show"] = False
    if go_live_at is not UNCHANGED:
        stage["go_live_at"] = go_live_at
    if submitted is not None:
        stage["submitted_at"] = now if submitted else None
    return stage


def _is_same(post: LivePost, name: str, value) -> bool:
    if name == "content":
        return same_content(post.content, value)
    if name == "submitted_at":
        return (post.submitted_at is None) == (value is None)
    return getattr(post, name) == value
