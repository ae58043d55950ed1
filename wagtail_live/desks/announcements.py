"""Announcements to the open desks of all processes: people, locks or rights have changed.

A change of a post is announced by its channel's lock. An announcement has no content: a desk
then checks its user's rights, and asks for what is new. It goes to this process by a signal,
to the others by the bus, and into the database, where hubs find what a bus has dropped.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, OperationalError, transaction

from .. import cursors
from ..bus import get_bus
from ..models import Channel, DeskPresence
from ..signals import desk_changed

PREFIX = "desk/"  # no channel's id has a slash
NOBODY = "-"  # in place of a user


class Announcement(NamedTuple):
    """The desks that are told: of a page, of a user or all. With ``people``, somebody is
    there, edits or has left, of whom their own desks need not be told."""

    page_id: int | None = None
    user_id: Any = None
    people: Any = None

    def encode(self) -> str:
        """Return the announcement in place of a channel's id in a message of the bus."""
        return PREFIX + "/".join(str(part or "") for part in self)

    def concerns(self, page_id: int, user_id: Any) -> bool:
        is_page = self.page_id in (None, page_id)
        is_user = self.user_id is None or str(self.user_id) == str(user_id)
        return is_page and is_user and str(self.people) != str(user_id)


def decode(channel_id: str) -> Announcement | None:
    """Return the announcement in a message of the bus; ``None`` for all other messages."""
    try:
        page_id, *others = channel_id.removeprefix(PREFIX).split("/")
        user_id, people = (other or None for other in others)
        return Announcement(int(page_id) if page_id else None, user_id, people)
    except ValueError:
        return None


def announce(announcement: Announcement, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Tell the desks after the commit."""
    transaction.on_commit(partial(send, announcement, using), using=using, robust=True)


def announce_news(page_id: int, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Tell the desks of a page after the commit that the label of a button has changed,
    such as the number of questions in an app's inbox."""
    announce(Announcement(page_id, people=NOBODY), using=using)


def send(announcement: Announcement, using: str = DEFAULT_DB_ALIAS) -> None:
    moment = cursors.now()
    desk_changed.send_robust(sender=Channel, announcement=announcement, moment=moment)
    note(announcement, moment, using)
    get_bus().announce(announcement.encode(), moment, using=using)


def note(announcement: Announcement, moment: datetime, using: str) -> None:
    """Note the announcement at the channels whose desks are open."""
    channels = Channel.objects.using(using)
    if announcement.page_id:
        channels = channels.filter(page_id=announcement.page_id)
    else:
        open_desks = DeskPresence.objects.using(using)
        if announcement.user_id:
            open_desks = open_desks.filter(user=announcement.user_id)
        ids = set(open_desks.values_list("channel_id", flat=True))
        channels = channels.filter(pk__in=ids)
    try:
        channels.update(desk_changed_at=moment)
    except OperationalError:
        return  # SQLite is locked: desks of other processes find it when they check
