"""The images, videos and audio of messages, which are downloaded after the text, with
retries."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.db.models import F
from django.utils.translation import gettext as _
from django_tasks import task
from wagtail.blocks import StreamBlock

from .. import cursors
from ..background import later
from ..images import MAX_FILE_SIZE, InvalidImage, add_image
from ..images.formats import MIME_TYPES, UNKNOWN_FORMAT
from ..models import (
    ID_LENGTH,
    ChannelDeleted,
    DeletedFile,
    ReceivedContent,
    ReceivedImage,
    ReceivedMessage,
    get_post_block,
)
from ..outbound import RequestFailed
from ..posts.lock import lock_channel
from ..text import INVISIBLE
from . import get_receivers, media, posting
from .base import Attachment, BaseReceiver, Outcome, get_kind

logger = logging.getLogger("wagtail_live.receivers")

MAX_IMAGES = 20  # of a message
MAX_ATTEMPTS = 5
MAX_URL_LENGTH = 2000
DATABASE_PAUSE = 2  # seconds
BACK_OFF = (60, 300, 1800, 7200, 7200)  # seconds after each attempt
DETAILS = ("thumbnail", "duration", "width", "height")
# Bytes of a file in one row: databases limit the length of a statement.
PART_SIZE = 4 * 2**20
KEEP_CONTENT = timedelta(days=14)


def store(row: ReceivedMessage, attachments: tuple[Attachment, ...]) -> list[str]:
    """Store the images of the message. Return the errors of new ones."""
    attachments = attachments[:MAX_IMAGES]
    deleted = find_deleted(row.receiver, [file_id(each) for each in attachments])
    attachments = tuple(each for each in attachments if file_id(each) not in deleted)
    row.images.exclude(file_id__in=[file_id(each) for each in attachments]).delete()
    stored = [_store(row, *numbered) for numbered in enumerate(attachments)]
    return [error for error in stored if error]


def follow_up(row: ReceivedMessage, errors: list[str]) -> None:
    """Report the errors, and download the other images in the background."""
    for error in errors:
        posting.report_outcome(row, Outcome.FAILED, error)
    if row.images.filter(due_at__isnull=False).exists():
        later(fetch_images, row.pk)


@task()
def fetch_images(message_pk: int) -> None:
    """Download the due images of a message, and schedule others that were left."""
    for received in _due().filter(message=message_pk):
        fetch(received)
    sweep(cursors.now())


def sweep(now: datetime) -> int:
    """Schedule some due downloads, such as those left by a crash. Return the number of
    their messages."""
    messages = _due().values_list("message", flat=True).distinct()[:20]
    for message_pk in messages:
        later(fetch_images, message_pk)
    return len(messages)


def purge_contents(now: datetime) -> int:
    """Delete old files that could not be added to the library. Return their number."""
    old = ReceivedImage.objects.filter(message__changed_at__lt=now - KEEP_CONTENT)
    keys = list(old.filter(contents__position=0).values_list("pk", flat=True))
    ReceivedContent.objects.filter(image__in=keys).delete()
    return len(keys)


def _due():
    return ReceivedImage.objects.filter(due_at__lte=cursors.now())


def fetch(received: ReceivedImage) -> None:
    """Try once to download an image, unless another process does."""
    if not _claim(received):
        return
    receiver = get_receivers().get(received.receiver)
    try:
        if receiver is None:
            reason = _("The receiver is no longer in the settings.")
            raise RequestFailed(reason, is_final=True)
        _attach(received, _add(receiver, received))
    except RequestFailed as failed:
        _fail(received, str(failed), is_final=failed.is_final)
    except InvalidImage as error:
        _fail(received, str(error), is_final=True)
    except ValidationError as error:
        _fail(received, " ".join(error.messages), is_final=True)
    except (OperationalError, InterfaceError, media.NoSlot):
        _postpone(received)
    except Exception as error:
        # Its text may hold a URL with a token.
        logger.error("%s: an image failed: %s", received, type(error).__name__)
        _fail(received, type(error).__name__, is_final=False)


def _add(receiver: BaseReceiver, received: ReceivedImage):
    """Download a file, and return what was added to the site's library."""
    fields = ("url", "name", "mime_type", "alt", "size")
    values = {name: getattr(received, name) for name in fields}
    parts = received.contents.order_by("position").values_list("data", flat=True)
    content = b"".join(map(bytes, parts))
    attachment = Attachment(
        id=received.file_id, content=content, **values, **received.details
    )
    attachment = _describe(receiver, received, attachment)
    user = posting.find_byline(received.message).user
    if attachment.kind != "image":
        block = get_post_block(received.message.channel)
        return media.add(receiver, attachment, user, block)
    data = receiver.download(attachment, receiver.get_fetcher())
    title = attachment.alt or attachment.name or _("Image of a live post")
    return add_image(data, title, user, name=attachment.name)


def _describe(
    receiver: BaseReceiver, received: ReceivedImage, attachment: Attachment
) -> Attachment:
    """Return the attachment with what the platform tells of it on request, and store that."""
    described = receiver.describe(attachment)
    if described != attachment:
        changed = _set_details(received, described)
        received.save(update_fields=changed)
        block = get_post_block(received.message.channel)
        if error := _find_error(described, block):
            raise RequestFailed(error, is_final=True)
    return described


def _store(row: ReceivedMessage, position: int, attachment: Attachment) -> str:
    error = _find_error(attachment, get_post_block(row.channel))
    key = file_id(attachment)
    same = ReceivedImage.objects.filter(receiver=row.receiver, file_id=key)
    keys = same.exclude(image_key="").values_list("image_key", flat=True)
    known = keys.first() or ""  # the file is an image of the site already
    is_due = not error and not known
    received, is_new = row.images.get_or_create(
        file_id=key,
        defaults={
            "receiver": row.receiver,
            "position": position,
            "image_key": known,
            "due_at": cursors.now() if is_due else None,
            "error": error,
        },
    )
    if is_new and is_due:
        _store_content(received, attachment.content)
    received.position = position
    changed = ["position", *_set_details(received, attachment)]
    received.save(update_fields=changed)
    return error if is_new else ""


def _store_content(received: ReceivedImage, content: bytes) -> None:
    for position, start in enumerate(range(0, len(content), PART_SIZE)):
        part = content[start : start + PART_SIZE]
        ReceivedContent.objects.create(image=received, position=position, data=part)


def _set_details(received: ReceivedImage, attachment: Attachment) -> list[str]:
    """Set the fields of the row that describe the file, and return their names."""
    received.url = _clean_url(attachment.url)
    received.name = _clean(attachment.name)
    received.alt = _clean(attachment.alt)
    received.mime_type = _clean(attachment.mime_type)[:100]
    received.size = max(0, attachment.size)
    changed = ["url", "name", "alt", "mime_type", "size"]
    if attachment.kind != "image":
        received.details = {name: getattr(attachment, name) for name in DETAILS}
        received.details["thumbnail"] = _clean_url(attachment.thumbnail)
        changed.append("details")
    return changed


def _find_error(attachment: Attachment, block: StreamBlock) -> str:
    """Return the reason not to download the file, or an empty string."""
    if attachment.kind != "image" and media.find_block(attachment.kind, block):
        if media.find_refusal(attachment, stream=block):
            return _("The file is too large.")
    elif attachment.mime_type and attachment.mime_type.lower() not in MIME_TYPES:
        return str(UNKNOWN_FORMAT)
    elif attachment.size > MAX_FILE_SIZE:
        return _("The image is too large.")
    if attachment.url != _clean_url(attachment.url):
        return _("The image URL is not valid.")
    return ""


def _clean_url(url: str) -> str:
    return INVISIBLE.sub("", url)[:MAX_URL_LENGTH]


def _claim(received: ReceivedImage) -> bool:
    """Return ``True`` if this process may make the attempt. In case the process dies, the
    image is due again after a while, unless there were too many attempts."""
    rows = ReceivedImage.objects.filter(pk=received.pk, due_at=received.due_at)
    if received.attempts >= MAX_ATTEMPTS:
        rows.update(due_at=None)
        return False
    due_at = cursors.now() + timedelta(seconds=_find_pause(received, received.attempts))
    if not rows.update(attempts=F("attempts") + 1, due_at=due_at):
        return False
    received.attempts += 1
    return True


def _find_pause(received: ReceivedImage, attempts: int) -> float:
    """Return the seconds to the next attempt, longer than this one may take."""
    is_image = get_kind(received.mime_type) == "image"
    pause = BACK_OFF[attempts]
    return pause if is_image else pause + media.TOTAL_TIMEOUT


def _fail(received: ReceivedImage, reason: str, *, is_final: bool) -> None:
    rows = ReceivedImage.objects.filter(pk=received.pk)
    rows.update(error=_clean(reason))
    if is_final or received.attempts >= MAX_ATTEMPTS:
        rows.update(due_at=None)
        posting.report_outcome(received.message, Outcome.FAILED, reason)
    else:
        pause = _find_pause(received, received.attempts - 1)
        later(fetch_images, received.message_id, delay=pause + 1)


def _postpone(received: ReceivedImage) -> None:
    """Try again soon: the database was unavailable or locked."""
    due_at = cursors.now() + timedelta(seconds=DATABASE_PAUSE)
    rows = ReceivedImage.objects.filter(pk=received.pk)
    rows.update(attempts=F("attempts") - 1, due_at=due_at)
    later(fetch_images, received.message_id, delay=DATABASE_PAUSE + 0.1)


def _attach(received: ReceivedImage, image) -> None:
    """Add the image to its post. Delete it if the message was deleted or edited meanwhile."""
    is_shown = False
    try:
        with suppress(ChannelDeleted), lock_channel(received.message.channel) as lock:
            awaited = ReceivedImage.objects.filter(pk=received.pk, image_key="")
            key = str(image.pk)
            if find_deleted(received.receiver, [received.file_id]):
                awaited.delete()
            elif awaited.update(image_key=key, due_at=None, error=""):
                message = ReceivedMessage.objects.get(pk=received.message_id)
                message.channel = lock.channel
                posting.refresh(message)
                received.contents.all().delete()
                is_shown = True
    finally:
        if not is_shown:
            image.delete()


def find_deleted(receiver: str, file_ids: list[str]) -> set[str]:
    """Return those of the files that were deleted on the platform."""
    if not file_ids:
        return set()
    rows = DeletedFile.objects.filter(receiver=receiver, file_id__in=file_ids)
    return set(rows.values_list("file_id", flat=True))


def file_id(attachment: Attachment) -> str:
    return clean_id(attachment.id or attachment.url)


def clean_id(id: str) -> str:
    return _clean(id)[:ID_LENGTH]


def _clean(text: str) -> str:
    return INVISIBLE.sub("", text).strip()[:255]
