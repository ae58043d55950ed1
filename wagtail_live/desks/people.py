"""The people at the desk of a channel, and the posts that they edit."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, transaction
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from .. import cursors
from ..models import Channel
from ..models.presence import TIMEOUT
from .announcements import Announcement, announce

MAX_TAB = 36  # characters of the id of a tab
CHECK_INTERVAL = 25.0  # seconds after which an open desk says that it still is
# A desk that asks for changes every second is not noted each time.
UPDATE_INTERVAL = timedelta(seconds=15)


def find_others(channel: Channel, user: Any) -> list[dict]:
    """Return the other users at the desk, once for each post that they edit."""
    present = channel.presences.current().exclude(user=user)
    editing: dict[Any, dict[UUID | None, str]] = {}
    for each in present.select_related("user").order_by("pk"):
        posts = editing.setdefault(each.user_id, {})
        posts[each.post_id] = user_display_name(each.user)
    return [
        {"name": name, "post": post_id and str(post_id)}
        for posts in editing.values()
        for post_id, name in posts.items()
        if post_id or len(posts) == 1
    ]


def update_presence(
    channel: Channel, user: Any, post_id: UUID | None, tab: str = ""
) -> None:
    """Note that a user has the desk open in a tab, and the post that they edit there."""
    now = cursors.now()
    known = channel.presences.filter(user=user, tab=tab).first()
    if known is None:
        enter(channel, user.pk, tab, post_id)
    elif known.has_left:
        return
    elif known.post_id != post_id or known.seen_at <= now - UPDATE_INTERVAL:
        with suppress(OperationalError):
            present = channel.presences.filter(pk=known.pk)
            present.update(post_id=post_id, seen_at=now)
            if known.post_id != post_id or known.seen_at <= now - TIMEOUT:
                tell(channel, user.pk)


def enter(
    channel: Channel, user_id: Any, tab: str, post_id: UUID | None = None
) -> None:
    # Not in one transaction, so that each write waits for the lock of SQLite. The request
    # goes on without it if that takes too long.
    with suppress(OperationalError):
        # Another request of the same tab may have created the row.
        with suppress(IntegrityError), transaction.atomic():
            values = {"post_id": post_id, "seen_at": cursors.now()}
            channel.presences.create(user_id=user_id, tab=tab, **values)
        tell(channel, user_id)


def stay(channel: Channel, user_id: Any, tab: str) -> None:
    """Note that a desk is still open, and forget those that have not said so."""
    now = cursors.now()
    with suppress(OperationalError):
        present = channel.presences.filter(user=user_id, tab=tab)
        if not present.update(seen_at=now):
            enter(channel, user_id, tab)
        gone = channel.presences.filter(seen_at__lte=now - TIMEOUT)
        if gone.exists() and gone.delete()[0]:
            announce(
                Announcement(channel.page_id),
                using=channel._state.db or DEFAULT_DB_ALIAS,
            )


def note_writing(channel: Channel, user_id: Any, tab: str, *, is_writing: bool) -> None:
    """Note that a user types a new post in a tab, or has stopped."""
    now = cursors.now()
    values = {"seen_at": now, "wrote_at": now if is_writing else None}
    present = channel.presences.filter(user=user_id, tab=tab, has_left=False)
    with suppress(OperationalError):
        if not present.update(**values) and is_writing:
            enter(channel, user_id, tab)
            present.update(**values)


def leave(channel: Channel, user_id: Any, tab: str) -> None:
    """Note that a tab was closed: nothing that it sent before opens it again."""
    now = cursors.now()
    present = channel.presences.filter(user=user_id, tab=tab)
    with suppress(OperationalError):
        channel.presences.filter(seen_at__lte=now - TIMEOUT).delete()
        if not tab:  # it is not told apart from others
            was_here = present.delete()[0]
        else:
            was_here = present.update(has_left=True, wrote_at=None, seen_at=now)
        if was_here:
            tell(channel, user_id)
        elif tab:
            with suppress(IntegrityError), transaction.atomic():
                values = {"has_left": True, "seen_at": now}
                channel.presences.create(user_id=user_id, tab=tab, **values)


def lose(channel: Channel, user_id: Any, tab: str, since: datetime) -> None:
    """Forget a tab that has not said that it is open ``since`` then, but may come back."""
    present = channel.presences.filter(user=user_id, tab=tab, has_left=False)
    with suppress(OperationalError):
        if present.filter(seen_at__lte=since).delete()[0]:
            tell(channel, user_id)


def tell(channel: Channel, user_id: Any) -> None:
    """Tell the desks of the page that a user is there, edits another post or has left."""
    announcement = Announcement(channel.page_id, people=user_id)
    announce(announcement, using=channel._state.db or DEFAULT_DB_ALIAS)
