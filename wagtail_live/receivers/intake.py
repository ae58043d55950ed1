"""Processing of the events of receivers, in any order and with any repetition.

Each message has one row, which holds its newest version; a deletion is final. The post is
made from the rows of its messages, under the lock of the channel. So the result does not
depend on the order in which events arrive.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from django.db import IntegrityError, InterfaceError, OperationalError
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import conf, cursors
from ..background import later
from ..models import (
    ID_LENGTH,
    Channel,
    ChannelDeleted,
    ReceivedMessage,
    Source,
    ThreadReplies,
)
from ..posts.lock import lock_channel
from ..text import INVISIBLE, normalise_line
from . import changes, commands, images, links, posting
from .base import (
    Author,
    BaseReceiver,
    Delete,
    DeleteFiles,
    Event,
    Hide,
    Ignored,
    Move,
    Outcome,
    Upsert,
)
from .composing import Family, Part, has_new_links, merge, to_part
from .failures import keep_failed, note_unconnected
from .posting import find_source

logger = logging.getLogger("wagtail_live.receivers")

MAX_ATTEMPTS = 3


class InvalidEvent(ValueError):
    """An event with values that are not valid."""


class OnAnotherPage(IntegrityError):
    """The message arrived while its source was connected to another page, and stays there."""

    def __init__(self, channel: Channel):
        super().__init__("The message is on another page.")
        self.channel = channel


def process(receiver: BaseReceiver, event: Event) -> None:
    """Apply an event. Repeated and outdated events change nothing; neither do those from
    unconnected sources or senders who are not allowed."""
    match event:
        case Ignored():
            return logger.info("%s: ignored: %s", receiver.name, event.reason)
        case DeleteFiles():
            return changes.delete_files(receiver, event)
        case Move():
            return changes.move(receiver, event)
    event = _validate(_with_author(receiver, event))
    source = find_source(receiver.name, event.external_id)
    if source is None:
        return note_unconnected(receiver.name, event.external_id)
    if reason := find_ignore_reason(receiver, source, event):
        return logger.info("%s: ignored: %s", receiver.name, reason)
    if receiver.keeps_message_ids:
        event = replace(event, external_id=source.external_id)
    # Converted before the channel is locked, so that no other writer waits for it.
    part: Part = []
    if isinstance(event, Upsert) and source.allows_presets:
        part = commands.read_part(source, event)
        event = replace(event, omitted=() if part and event.command else event.omitted)
    elif isinstance(event, Upsert):
        part = to_part(event.body)
    channel = source.channel
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            return _apply(source, channel, event, part)
        except ChannelDeleted:
            return note_unconnected(receiver.name, event.external_id)
        except IntegrityError as error:
            if attempt == MAX_ATTEMPTS:
                raise
            if isinstance(error, OnAnotherPage):
                channel = error.channel


def find_ignore_reason(
    receiver: BaseReceiver, source: Source, event: Upsert | Delete | Hide
) -> str:
    """Return the reason to ignore the event, or an empty string."""
    author = event.author
    is_from_platform = isinstance(event, Delete) and not author.id
    is_allowed = source.allows(author.id)
    if receiver.requires_senders and not source.allowed_senders.strip():
        is_allowed = False
    if not is_allowed and not is_from_platform:
        return "The sender is not allowed."
    if not isinstance(event, Upsert):
        return ""
    if author.is_bot and not source.include_bots:
        return "A message from a bot."
    if event.reply_to and source.thread_replies == ThreadReplies.IGNORE:
        return "A reply in a thread."
    return ""


def process_or_keep(receiver: BaseReceiver, event: Event, body: bytes = b"") -> bool:
    """Process an event. If that fails, keep the body for editors and return ``False``, but
    raise errors of the database."""
    try:
        process(receiver, event)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        external_id = getattr(event, "external_id", "")
        keep_failed(receiver.name, body, error, external_id)
        return False
    return True


def _with_author(
    receiver: BaseReceiver, event: Upsert | Delete | Hide
) -> Upsert | Delete | Hide:
    """Return the event with the known author of the message if an edit leaves it out."""
    if event.author is not None:
        return event
    known = ReceivedMessage.objects.filter(
        receiver=receiver.name,
        external_id=event.external_id,
        message_id=event.message_id,
    ).first()
    author = Author(known.sender_id, known.sender_name) if known else Author()
    return replace(event, author=author)


def _validate(event: Upsert | Delete | Hide) -> Upsert | Delete | Hide:
    """Return the event with ids that the database can store."""
    for name in ("external_id", "message_id", "group_id", "reply_to"):
        value = getattr(event, name, "")
        if len(value) > ID_LENGTH or INVISIBLE.search(value):
            raise InvalidEvent(f"The {name} is not valid.")
    if not event.external_id or not event.message_id:
        raise InvalidEvent("An event needs an external_id and a message_id.")
    author = replace(
        event.author,
        id=INVISIBLE.sub("", event.author.id)[:ID_LENGTH],
        name=normalise_line(event.author.name)[:255],
    )
    return replace(event, author=author)


def _apply(
    source: Source, channel: Channel, event: Upsert | Delete | Hide, part: Part
) -> None:
    with lock_channel(channel) as lock:
        row = _find(source.receiver, lock.channel, event)
        row.changed_at = cursors.now()
        match event:
            case Delete():
                _delete(row, event)
            case Hide():
                _hide(row, event)
            case Upsert():
                _write(row, event, source, part)


def _find(
    receiver: str, channel: Channel, event: Upsert | Delete | Hide
) -> ReceivedMessage:
    """Return the row of the message, a new one if there is none."""
    key = {
        "receiver": receiver,
        "external_id": event.external_id,
        "message_id": event.message_id,
    }
    row = ReceivedMessage.objects.filter(**key).first()
    if row is None:
        return ReceivedMessage(**key, channel=channel)
    if row.channel_id != channel.pk:
        raise OnAnotherPage(row.channel)
    row.channel = channel
    return row


def _write(row: ReceivedMessage, event: Upsert, source: Source, part: Part) -> None:
    if row.is_deleted:  # deleted before it arrived: its album is known only now
        if event.group_id and not row.group_id:
            row.group_id = event.group_id
            _withdraw(row)
        return
    if not _is_newer(event.version, row.version):
        return
    is_new, before = row.version is None, _shown(row)
    row.version = list(event.version)
    row.group_id, row.reply_to = event.group_id, event.reply_to
    row.sender_id, row.sender_name = event.author.id, event.author.name
    row.title = row.title or normalise_line(event.title)[:255]
    row.sent_at = event.sent_at or row.sent_at or row.changed_at
    row.body = merge(part, row.body, event.fields)
    if has_new := has_new_links(row):
        row.links_due_at = row.changed_at
    was_omitted = row.omitted
    if event.omitted is not None:
        row.omitted = _name_omitted(event)
    row.save()
    family = Family(row)
    if family.is_withdrawn:
        return _forget(row)
    errors = []
    if event.attachments or (event.attachments is not None and not is_new):
        errors = images.store(row, event.attachments)
    if is_new or _shown(row) != before:
        posting.write(family, source, row, is_new=is_new)
    # From here on only what may wait until readers have been told.
    if event.attachments:
        images.follow_up(row, errors)
    if row.omitted not in ("", was_omitted):
        posting.report_outcome(row, Outcome.FAILED, row.omitted)
    if has_new:
        later(links.try_links, row.pk)


def _shown(row: ReceivedMessage) -> tuple:
    """Return the message's part of its post. Platforms also report changes of reactions,
    previews and other things that readers don't see."""
    if row.pk is None:
        return ()
    files = row.images.values_list("file_id", "alt").order_by("position")
    body = [{key: item[key] for key in item if key != "before"} for item in row.body]
    return body, list(files), row.group_id, row.reply_to


def _name_omitted(event: Upsert) -> str:
    """Return the sentence for editors about the parts that readers can't get."""
    omitted = list(event.omitted or ())
    if (excess := len(event.attachments or ()) - images.MAX_IMAGES) > 0:
        more = ngettext("%(count)s more image", "%(count)s more images", excess)
        omitted.append(more % {"count": excess})
    if not omitted:
        return ""
    names = INVISIBLE.sub("", ", ".join(omitted)[:1000])
    return Truncator(_("Not shown: %s") % names).chars(255)


def _is_newer(version: tuple, known: list | None) -> bool:
    if known is None:
        return True
    try:
        return tuple(version) > tuple(known)
    except TypeError:
        reason = f"Versions {version} and {known} can't be compared."
        raise InvalidEvent(reason) from None


def _hide(row: ReceivedMessage, event: Hide) -> None:
    """Hide once for each command, so that editors can show the post again."""
    if row.is_deleted or not _is_newer(event.version, row.hidden_version):
        return
    row.hidden_version = list(event.version)
    row.save()
    posting.hide(Family(row))


def _delete(row: ReceivedMessage, event: Delete) -> None:
    if row.is_deleted and row.withdraws_group >= event.whole_group:
        return
    row.withdraws_group |= event.whole_group
    _withdraw(row)
    # Forget deletions so old that platforms no longer repeat the messages.
    before = row.changed_at - timedelta(days=conf.get_keep_tombstones())
    deleted = row.channel.received_messages.filter(is_deleted=True)
    deleted.filter(changed_at__lt=before).delete()


def _withdraw(row: ReceivedMessage) -> None:
    """Forget the message, and the rest of its album if that is deleted as a whole."""
    post = Family(row).post if row.pk else None
    for message in [row, *Family(row).withdrawn_with_row]:
        _forget(message)
    if post is not None:
        posting.withdraw(Family(row), post, row)


def _forget(row: ReceivedMessage) -> None:
    """Erase a message and the replies to it, except for the fact of their deletion."""
    row.is_deleted = True
    row.body, row.sender_id, row.sender_name = [], "", ""
    row.title = row.note = row.omitted = ""
    row.save()
    row.images.all().delete()
    if not row.reply_to:
        for reply in Family(row).replies:
            _forget(reply)
