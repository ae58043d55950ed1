"""The pictures of messages: downloaded after the text, tried again, and used again."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.db import InterfaceError, OperationalError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from ..images import Unusable, add_image
from ..models import ID_LENGTH, ChannelDeleted, ReceivedMessage, ReceivedPicture
from ..outbound import RequestFailed
from ..posts.lock import lock_channel
from ..rich_text import INVISIBLE
from . import background, get_receivers, tasks
from . import posting as writing
from .base import Attachment, Outcome
from .families import Family
from .fetch import LARGEST
from .sources import find_byline, find_source

logger = logging.getLogger("wagtail_live.receivers")

MOST_PICTURES = 20  # of a message
MOST_ATTEMPTS = 5
LONGEST_URL = 2000
DATABASE_PAUSE = 2  # seconds
BACK_OFF = (60, 300, 1800, 7200, 7200)  # seconds after each attempt
TYPES = {"", "image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp"}


def note(
    row: ReceivedMessage, attachments: Iterable[Attachment], *, is_new: bool
) -> None:
    """Let the row have these pictures, of which those that are new will be fetched."""
    attachments = list(attachments)[:MOST_PICTURES]
    if is_new and not attachments:
        return
    row.pictures.exclude(file_id__in=[_file_id(each) for each in attachments]).delete()
    for position, attachment in enumerate(attachments):
        _note(row, position, attachment)
    if row.pictures.filter(due_at__isnull=False).exists():
        background.later(tasks.fetch_pictures, row.pk)


def fetch_due(message_pk: int) -> None:
    """Fetch what is due of a message, and hand over whatever else was left undone."""
    for picture in _due().filter(message=message_pk):
        fetch(picture)
    sweep()


def sweep() -> None:
    """Hand over some of the pictures that are due, as after a crash."""
    for message_pk in _due().values_list("message", flat=True).distinct()[:20]:
        background.later(tasks.fetch_pictures, message_pk)


def _due():
    return ReceivedPicture.objects.filter(due_at__lte=timezone.now())


def fetch(picture: ReceivedPicture) -> None:
    """Make one attempt, if nobody else makes it."""
    if not _claim(picture):
        return
    receiver = get_receivers().get(picture.receiver)
    try:
        if receiver is None:
            reason = "The receiver is no longer in the settings."
            raise RequestFailed(reason, is_final=True)
        data = receiver.download(_as_attachment(picture), receiver.get_fetcher())
        image = add_image(data, _title(picture), find_byline(picture.message).user)
        _arrive(picture, image)
    except RequestFailed as failed:
        _fail(picture, str(failed), is_final=failed.is_final)
    except Unusable as unusable:
        _fail(picture, str(unusable), is_final=True)
    except (OperationalError, InterfaceError):
        _postpone(picture)
    except Exception as error:
        # Its text may hold an address with a token.
        logger.error("%s: a picture failed: %s", picture, type(error).__name__)
        _fail(picture, type(error).__name__, is_final=False)


def _note(row: ReceivedMessage, position: int, attachment: Attachment) -> None:
    objection = _objection(attachment)
    known = _find_image(row.receiver, _file_id(attachment))
    is_due = not objection and not known
    picture, is_new = row.pictures.get_or_create(
        file_id=_file_id(attachment),
        defaults={
            "receiver": row.receiver,
            "position": position,
            "image_key": known,
            "due_at": timezone.now() if is_due else None,
            "error": objection,
        },
    )
    picture.position = position
    picture.url = _clean_url(attachment.url)
    picture.name = _clean(attachment.name)
    picture.alt = _clean(attachment.alt)
    picture.mime_type = _clean(attachment.mime_type)[:100]
    picture.size = max(0, attachment.size)
    picture.save(update_fields=["position", "url", "name", "alt", "mime_type", "size"])
    if is_new and objection:
        background.give_feedback(row, Outcome.FAILED, objection)


def _objection(attachment: Attachment) -> str:
    """Why the picture need not be asked for."""
    if attachment.mime_type.lower() not in TYPES:
        return _("Only JPEG, PNG, GIF and WebP are taken.")
    if attachment.size > LARGEST:
        return _("The picture is too big.")
    if attachment.url != _clean_url(attachment.url):
        return _("The picture's address is none.")
    return ""


def _clean_url(url: str) -> str:
    return INVISIBLE.sub("", url)[:LONGEST_URL]


def _find_image(receiver: str, file_id: str) -> str:
    """The key of the image that the file has become before."""
    same = ReceivedPicture.objects.filter(receiver=receiver, file_id=file_id)
    return same.exclude(image_key="").values_list("image_key", flat=True).first() or ""


def _claim(picture: ReceivedPicture) -> bool:
    """Whether the attempt is this process's. It is due again after a while, so that one
    that dies over it is not the last, as long as there have not been too many."""
    rows = ReceivedPicture.objects.filter(pk=picture.pk, due_at=picture.due_at)
    if picture.attempts >= MOST_ATTEMPTS:
        rows.update(due_at=None)
        return False
    pause = BACK_OFF[picture.attempts]
    due_at = timezone.now() + timedelta(seconds=pause)
    if not rows.update(attempts=F("attempts") + 1, due_at=due_at):
        return False
    picture.attempts += 1
    return True


def _fail(picture: ReceivedPicture, reason: str, *, is_final: bool) -> None:
    rows = ReceivedPicture.objects.filter(pk=picture.pk)
    rows.update(error=_clean(reason))
    if is_final or picture.attempts >= MOST_ATTEMPTS:
        rows.update(due_at=None)
        background.give_feedback(picture.message, Outcome.FAILED, reason)
    else:
        pause = BACK_OFF[picture.attempts - 1]
        background.later(tasks.fetch_pictures, picture.message_id, delay=pause + 1)


def _postpone(picture: ReceivedPicture) -> None:
    """The database was away or locked, which the host of the picture can't help."""
    due_at = timezone.now() + timedelta(seconds=DATABASE_PAUSE)
    rows = ReceivedPicture.objects.filter(pk=picture.pk)
    rows.update(attempts=F("attempts") - 1, due_at=due_at)
    background.later(
        tasks.fetch_pictures, picture.message_id, delay=DATABASE_PAUSE + 0.1
    )


def _arrive(picture: ReceivedPicture, image) -> None:
    """Show the image, or throw it away: its message may be deleted or edited by now."""
    is_shown = False
    try:
        with suppress(ChannelDeleted), lock_channel(picture.message.channel) as lock:
            awaited = ReceivedPicture.objects.filter(pk=picture.pk, image_key="")
            key = str(image.pk)
            if awaited.update(image_key=key, due_at=None, error=""):
                message = ReceivedMessage.objects.get(pk=picture.message_id)
                message.channel = lock.channel
                source = find_source(message.receiver, message.external_id)
                writing.refresh(Family(message), source)
                is_shown = True
    finally:
        if not is_shown:
            image.delete()


def _as_attachment(picture: ReceivedPicture) -> Attachment:
    return Attachment(
        id=picture.file_id,
        url=picture.url,
        name=picture.name,
        mime_type=picture.mime_type,
        alt=picture.alt,
        size=picture.size,
    )


def _title(picture: ReceivedPicture) -> str:
    return picture.alt or picture.name or _("Picture of a live post")


def _file_id(attachment: Attachment) -> str:
    return _clean(attachment.id or attachment.url)[:ID_LENGTH]


def _clean(text: str) -> str:
    return INVISIBLE.sub("", text).strip()[:255]
