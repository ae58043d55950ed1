"""What becomes of the events of receivers, in whatever order and however often they come.

Each message has one row, which holds its newest version; a deletion is final. The post is
made of the rows of its messages, under the lock of the channel. So the post that results
does not depend on the order in which events arrive.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone

from .. import conf
from ..models import ID_LENGTH, Channel, ChannelDeleted, ReceivedMessage, Source
from ..posts.lock import lock_channel
from ..rich_text import INVISIBLE
from . import background, pictures, tasks
from . import posting as writing
from .base import BaseReceiver, Delete, Event, Hide, Ignored, Upsert
from .composing import to_part, untried_links
from .deliveries import note_unconnected
from .families import Family
from .sources import find_objection, find_source

logger = logging.getLogger("wagtail_live.receivers")

MOST_TRIES = 3


class Unreadable(ValueError):
    """An event that no receiver should have made of a delivery."""


class OnAnotherPage(IntegrityError):
    """The message came when its source was connected to another page, and stays there."""

    def __init__(self, channel: Channel):
        super().__init__("The message is on another page.")
        self.channel = channel


def take_in(receiver: BaseReceiver, event: Event) -> None:
    """Apply an event, or leave it: what comes twice, too late, from nowhere or from
    somebody who may not write changes nothing."""
    if isinstance(event, Ignored):
        return _ignore(receiver, event.reason)
    event = _checked(event)
    source = find_source(receiver.name, event.channel)
    if source is None:
        return note_unconnected(receiver.name, event.channel)
    if reason := find_objection(source, event):
        return _ignore(receiver, reason)
    channel = source.channel
    for attempt in range(1, MOST_TRIES + 1):
        try:
            return _apply(source, channel, event)
        except ChannelDeleted:
            return note_unconnected(receiver.name, event.channel)
        except IntegrityError as error:
            if attempt == MOST_TRIES:
                raise
            if isinstance(error, OnAnotherPage):
                channel = error.channel


def _ignore(receiver: BaseReceiver, reason: str) -> None:
    logger.info("%s: ignored: %s", receiver.name, reason)


def _checked(event: Upsert | Delete | Hide) -> Upsert | Delete | Hide:
    """The event with ids that a database takes."""
    for name in ("channel", "message_id", "group_id", "reply_to"):
        value = getattr(event, name, "")
        if len(value) > ID_LENGTH or INVISIBLE.search(value):
            raise Unreadable(f"This is no {name}.")
    if not event.channel or not event.message_id:
        raise Unreadable("An event needs a channel and a message_id.")
    author = replace(
        event.author,
        id=INVISIBLE.sub("", event.author.id)[:ID_LENGTH],
        name=INVISIBLE.sub("", event.author.name).strip()[:255],
    )
    return replace(event, author=author)


def _apply(source: Source, channel: Channel, event: Upsert | Delete | Hide) -> None:
    with lock_channel(channel) as lock:
        row = _find(source, lock.channel, event.message_id)
        row.changed_at = timezone.now()
        match event:
            case Delete():
                _delete(row, event)
            case Hide():
                _hide(row, event)
            case Upsert():
                _write(row, event, source)


def _find(source: Source, channel: Channel, message_id: str) -> ReceivedMessage:
    """The row of the message, new where it has none."""
    key = {
        "receiver": source.receiver,
        "external_id": source.external_id,
        "message_id": message_id,
    }
    row = ReceivedMessage.objects.filter(**key).first()
    if row is None:
        return ReceivedMessage(**key, channel=channel)
    if row.channel_id != channel.pk:
        raise OnAnotherPage(row.channel)
    row.channel = channel
    return row


def _write(row: ReceivedMessage, event: Upsert, source: Source) -> None:
    if row.is_deleted:
        return _note_group(row, event)
    if not _is_newer(event.version, row.version):
        return
    is_new = row.version is None
    row.version = list(event.version)
    row.group_id, row.reply_to = event.group_id, event.reply_to
    row.sender_id, row.sender_name = event.author.id, event.author.name
    row.sent_at = event.sent_at or row.sent_at or row.changed_at
    row.body, row.note = to_part(event.body, row.body), ""
    row.save()
    family = Family(row)
    if family.root_is_deleted or family.album_is_withdrawn:
        return _forget(row)
    pictures.note(row, event.attachments, is_new=is_new)
    writing.write(family, source, row, is_new=is_new)
    if untried_links([row]):
        background.later(tasks.try_links, row.pk)


def _is_newer(version: tuple, known: list | None) -> bool:
    if known is None:
        return True
    try:
        return tuple(version) > tuple(known)
    except TypeError:
        raise Unreadable(f"Versions {version} and {known} have no order.") from None


def _hide(row: ReceivedMessage, event: Hide) -> None:
    """Once for each command, so that an editor may show the post again."""
    if row.is_deleted or not _is_newer(event.version, row.hidden_version):
        return
    row.hidden_version = list(event.version)
    row.save()
    writing.hide(Family(row))


def _delete(row: ReceivedMessage, event: Delete) -> None:
    if row.is_deleted and row.withdraws_group >= event.whole_group:
        return
    row.withdraws_group |= event.whole_group
    _withdraw(row)
    _purge(row)


def _note_group(row: ReceivedMessage, event: Upsert) -> None:
    """The message was deleted before it came: only now it is known with which others."""
    if event.group_id and not row.group_id:
        row.group_id = event.group_id
        _withdraw(row)


def _withdraw(row: ReceivedMessage) -> None:
    """Forget the message, and the rest of its album where that goes with it."""
    post = Family(row).post if row.pk else None
    for message in [row, *Family(row).withdrawn_with_row]:
        _forget(message)
    if post is not None:
        writing.withdraw(Family(row), post, row)


def _forget(row: ReceivedMessage) -> None:
    """Keep nothing of a message, nor of the replies to it, but that it was deleted."""
    row.is_deleted = True
    row.body, row.sender_id, row.sender_name, row.note = [], "", "", ""
    row.save()
    row.pictures.all().delete()
    if not row.reply_to:
        for reply in Family(row).replies:
            _forget(reply)


def _purge(row: ReceivedMessage) -> None:
    """Forget what was deleted longer ago than any platform repeats itself."""
    before = row.changed_at - timedelta(days=conf.get_keep_tombstones())
    deleted = row.channel.received_messages.filter(is_deleted=True)
    deleted.filter(changed_at__lt=before).delete()
