"""How a post changes within a turn, whoever wants it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .. import cursors
from ..models import ChannelState, LivePost, PostStatus
from ..permissions import EVERYTHING, Rights
from . import history as versions
from .content import same_content
from .lock import ChannelLock
from .lookup import is_mentioned

UNCHANGED: Any = object()
WRITTEN = ("content", "title", "author_name", "is_key_event")
UNPUBLISHED = (PostStatus.DRAFT, PostStatus.SUBMITTED)


def stage(
    now: datetime,
    show: bool | None,
    go_live_at: datetime | None = UNCHANGED,
    submitted: bool | None = None,
) -> dict[str, Any]:
    """What of ``show``, ``go_live_at`` and ``submitted_at`` is to change."""
    if isinstance(go_live_at, datetime):
        go_live_at = cursors.in_current_mode(go_live_at)
        show = go_live_at <= now
    if show:
        return {"show": True, "go_live_at": None, "submitted_at": None}
    values: dict[str, Any] = {}
    if show is not None:
        values["show"] = False
    if go_live_at is not UNCHANGED:
        values["go_live_at"] = go_live_at
    if submitted is not None:
        values["submitted_at"] = now if submitted else None
    return values


def change(
    lock: ChannelLock,
    post: LivePost,
    values: dict[str, Any],
    user: Any = None,
    rights: Rights = EVERYTHING,
    *,
    log_as: str | None = None,
    **details,
) -> LivePost:
    """Change a post that was found in this turn, if that makes a difference."""
    before, was_mentioned = post.status, is_mentioned(lock.channel, post)
    will_be_seen = values.get("show") or values.get("go_live_at")
    rights.require(publishing=bool(will_be_seen) or before not in UNPUBLISHED)
    changed = {name: v for name, v in values.items() if not _is_same(post, name, v)}
    if not changed:
        return post
    cursor = lock.advance(seen=post.show or values.get("show", False))
    for name, value in changed.items():
        setattr(post, name, value)
    if post.first_published_at and not {"content", "title"}.isdisjoint(changed):
        post.modified = cursor
    save(lock, post, user, head_changed=was_mentioned)
    action = versions.name_change(post, before, changed)
    details["content_changed"] = not changed.keys().isdisjoint(WRITTEN)
    versions.log_change(post, log_as or action, user, **details)
    lock.announce(action, post.pk)
    return post


def save(
    lock: ChannelLock, post: LivePost, user: Any = None, *, head_changed: bool = False
) -> None:
    """Save the post at the turn's cursor, and what the head of the page says of it."""
    channel = lock.channel
    cursor = post.updated_at = channel.last_updated_at
    if post.show and post.first_published_at is None:
        post.first_published_at = cursor
        if not post._state.adding:
            post.created = cursor  # readers find it on top, however old the draft
    if post.show and channel.state == ChannelState.NOT_STARTED:
        lock.change_head(state=ChannelState.LIVE, started_at=cursor)
    elif head_changed or is_mentioned(channel, post):
        lock.change_head()
    versions.save(post, user)


def _is_same(post: LivePost, name: str, value) -> bool:
    if name == "content":
        return same_content(post.content, value)
    if name == "submitted_at":
        return (post.submitted_at is None) == (value is None)
    return getattr(post, name) == value
