"""The people at the desk of a channel, and the posts that they edit."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from .. import cursors
from ..models import Channel, DeskPresence
from ..models.presence import TIMEOUT
from .announcements import Announcement, announce

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
    present = channel.presences.filter(user=user, tab=tab)
    known = present.first()
    if known and known.post_id == post_id and known.seen_at > now - UPDATE_INTERVAL:
        return
    values = {"post_id": post_id, "seen_at": now}
    # Not in one transaction, so that each write waits for the lock of SQLite. The request
    # goes on without it if that takes too long.
    with suppress(OperationalError):
        if not known:
            # Another request of the same tab may have created the row.
            with suppress(IntegrityError), transaction.atomic():
                channel.presences.create(user=user, tab=tab, **values)
        else:
            present.update(**values)
        if not known or known.post_id != post_id or known.seen_at <= now - TIMEOUT:
            tell(channel, tab)


def stay(page_id: int, user_id: Any, tab: str) -> None:
    """Note that a desk is still open, and forget those that have not said so."""
    now = cursors.now()
    present = DeskPresence.objects.filter(channel__page=page_id)
    with suppress(OperationalError):
        present.filter(user=user_id, tab=tab).update(seen_at=now)
        gone = present.filter(seen_at__lte=now - TIMEOUT)
        if gone.exists() and gone.delete()[0]:
            announce(Announcement(page_id))


def leave(channel: Channel, user_id: Any, tab: str, since: datetime | None = None):
    """Forget a tab that was closed, unless it has said that it is open ``since`` then."""
    present = channel.presences.filter(user=user_id, tab=tab)
    if since:
        present = present.filter(seen_at__lte=since)
    with suppress(OperationalError):
        if present.delete()[0]:
            tell(channel, tab)


def tell(channel: Channel, tab: str) -> None:
    """Tell the other desks of the page that the people there have changed."""
    announce(Announcement(channel.page_id, except_tab=tab), using=channel._state.db)
