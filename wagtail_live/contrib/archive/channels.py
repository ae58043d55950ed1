"""The state of a blog from an export, or from what the posts of another product say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from ... import posts
from ...models import Channel, ChannelState
from ...permissions import SYSTEM
from ...posts.lock import lock_channel
from ...rich_text import TooLong, clean_rich_text
from .entries import Invalid, read_text, read_time


def restore_blog(channel: Channel, blog: dict[str, Any]) -> None:
    """Set what the channel doesn't have yet; ``Invalid`` if that is not possible."""
    changes = _read(blog)
    with lock_channel(channel) as lock:
        current = lock.channel
        if current.state != ChannelState.NOT_STARTED:
            for name in ("state", "started_at", "ended_at"):
                changes.pop(name, None)
        if current.summary:
            for name in ("summary", "summarised_at", "summarised_by"):
                changes.pop(name, None)
        changed = {n: v for n, v in changes.items() if getattr(current, n) != v}
        if changed:
            lock.advance(seen=True)
            lock.change_overview(**changed)
            lock.announce(str(changed.get("state", "summarised")))
        has_stage = current.stage_values is not None
    if blog.get("stage") and not has_stage:
        try:
            posts.update_stage(channel, blog["stage"], actor=SYSTEM)
        except (AttributeError, TypeError, ValidationError) as error:
            reasons = getattr(error, "messages", ["not valid"])
            raise Invalid(f"stage: {' '.join(reasons)}") from None


def _read(blog: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "state" in blog:
        try:
            changes["state"] = ChannelState(blog["state"]).value
        except ValueError:
            raise Invalid(f"state: there is no {blog['state']!r}.") from None
    for name in ("started_at", "ended_at", "summarised_at"):
        if blog.get(name):
            changes[name] = read_time(blog[name], name)
    if blog.get("summary"):
        try:
            changes["summary"] = clean_rich_text(read_text(blog["summary"], "summary"))
        except TooLong as error:
            raise Invalid(f"summary: {error}") from None
    if username := blog.get("summarised_by"):
        model = get_user_model()
        found = model._default_manager.filter(**{model.USERNAME_FIELD: username})
        changes["summarised_by"] = found.first()
    return changes


def describe_archive(channel: Channel, ended: bool) -> dict[str, Any]:
    """Return the state of a blog of which only the posts are known."""
    seen = channel.posts.visible().oldest_first()
    first, last = seen.first(), seen.last()
    if first is None or last is None:
        return {}
    state = ChannelState.ENDED if ended else ChannelState.LIVE
    described: dict[str, str | datetime] = {
        "state": state.value,
        "started_at": first.created,
    }
    return described | ({"ended_at": last.created} if ended else {})
