"""Changes on a platform that concern more than one message: of files and of channels."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.db import IntegrityError, transaction

from .. import conf, cursors
from ..models import (
    ID_LENGTH,
    ChannelDeleted,
    DeletedFile,
    ReceivedImage,
    ReceivedMessage,
    UnconnectedSource,
)
from ..posts.lock import lock_channel
from ..text import INVISIBLE
from . import posting
from .base import BaseReceiver, DeleteFiles, Move, get_kind
from .failures import keep_failed
from .images import clean_id
from .posting import find_source

MAX_FILES = 100  # of an event; more than any platform allows in a message


class MessagesMissed(Exception):
    """Messages from a channel whose new id was not known yet."""

    def __init__(self, count: int):
        super().__init__(f"{count} arrived before the new id of the channel was known.")


def delete_files(receiver: BaseReceiver, event: DeleteFiles) -> None:
    """Take deleted files out of all posts, and remember them."""
    now = cursors.now()
    file_ids = {clean_id(id) for id in event.file_ids[:MAX_FILES]} - {""}
    for file_id in sorted(file_ids):
        DeletedFile.objects.get_or_create(
            receiver=receiver.name, file_id=file_id, defaults={"deleted_at": now}
        )
    images = ReceivedImage.objects.filter(receiver=receiver.name, file_id__in=file_ids)
    shown = ReceivedMessage.objects.filter(pk__in=images.values("message"))
    for message in shown.select_related("channel"):
        _remove_files(message, file_ids)
    before = now - timedelta(days=conf.get_keep_tombstones())
    DeletedFile.objects.filter(deleted_at__lt=before).delete()


def _remove_files(message: ReceivedMessage, file_ids: set[str]) -> None:
    with suppress(ChannelDeleted), lock_channel(message.channel) as lock:
        message.channel = lock.channel
        images = message.images.filter(file_id__in=file_ids)
        rows = images.exclude(image_key="").values_list("mime_type", "image_key")
        keys = {(get_kind(mime_type), key) for mime_type, key in rows}
        images.delete()
        posting.remove_files(message, keys)


def move(receiver: BaseReceiver, event: Move) -> None:
    """Connect the page of a channel to the channel's new id. Older messages can still be
    edited; a page that an editor has connected to the new id is left alone."""
    old, new = event.external_id, event.new_id
    if not old or not new or len(new) > ID_LENGTH or INVISIBLE.search(old + new):
        return
    source = find_source(receiver.name, old)
    if source is None or find_source(receiver.name, new):
        return
    source.external_id, source.former_id = new, old
    # Telegram reports a move twice, and two processes may handle it at once.
    with suppress(IntegrityError), transaction.atomic():
        source.save()
        _report_missed(receiver.name, new)
        if receiver.keeps_message_ids:
            known = ReceivedMessage.objects.filter(receiver=receiver.name)
            known.filter(external_id=old).update(external_id=new)


def _report_missed(receiver: str, new_id: str) -> None:
    """Tell editors of messages that came before the move, which are not stored."""
    unconnected = UnconnectedSource.objects.filter(
        receiver=receiver, external_id=new_id
    )
    if missed := unconnected.first():
        keep_failed(receiver, b"", MessagesMissed(missed.count), new_id)
        unconnected.delete()
