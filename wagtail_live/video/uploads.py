"""Videos and audio from the desk and from receivers: the checks, and the media library."""

from __future__ import annotations

import hashlib
from mimetypes import guess_type
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Collection
from wagtailmedia import get_media_model, get_permission_policy
from wagtailmedia.forms import get_media_form

from .. import conf
from ..images import InvalidImage, clean_upload
from ..text import normalise_line

SIZES = ("duration", "width", "height")  # as the browser or the platform has read them
DIGEST_LENGTH = 20


class InvalidMedia(Exception):
    """A video or audio that the site doesn't take; the message is for the user."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


def find_collection(user: Any) -> Collection | None:
    """Return a collection that the user may add media to, ``None`` if there is none."""
    policy = get_permission_policy()
    return policy.collections_user_has_permission_for(user, "add").first()


def find_kind(file: UploadedFile) -> str:
    """Return ``"audio"`` or ``"video"``, by the type that the browser names, or else by the
    name."""
    types = (file.content_type or "", guess_type(file.name or "")[0] or "")
    kinds = (mime_type.partition("/")[0] for mime_type in types)
    return next((kind for kind in kinds if kind in ("video", "audio")), "video")


def add_upload(
    kind: str,
    file: UploadedFile,
    sizes: dict[str, str],
    user: Any,
    collection: Collection,
    thumbnail: UploadedFile | None = None,
) -> Any:
    """Add a file to the library, or return the one that the user has added already.

    Raise ``InvalidMedia`` if it is too large, or if the library's form refuses it.
    """
    name = file.name or ""
    check_size(file, name)
    digest = make_digest(file)
    added = find_added(kind, user, collection, digest)
    if added:
        return added
    media = make_media(kind, PurePath(name).stem, user)
    stem = make_stem(media.title, kind)
    file.name = f"{stem}_{digest}{PurePath(name).suffix.lower()}"
    try:
        return save(media, collection, file, sizes, thumbnail, user=user)
    except ValidationError as error:
        raise InvalidMedia(f"{name}: {' '.join(error.messages)}") from error


def add_received(
    kind: str,
    file: UploadedFile,
    title: str,
    user: Any,
    sizes: dict[str, Any],
    thumbnail: UploadedFile | None = None,
) -> Any:
    """Add a file to the root collection, as images of receivers are. Raise
    ``ValidationError`` if the library's form refuses it."""
    media = make_media(kind, PurePath(title).stem, user)
    suffix = PurePath(file.name or "").suffix.lower()
    file.name = f"{make_stem(media.title, kind)}{suffix}"
    return save(media, Collection.get_first_root_node(), file, sizes, thumbnail)


def make_media(kind: str, title: str, user: Any) -> Any:
    title = (
        normalise_line(title)[:255] or {"video": _("Video"), "audio": _("Audio")}[kind]
    )
    return get_media_model()(type=kind, title=title, uploaded_by_user=user)


def save(
    media: Any,
    collection: Collection,
    file: UploadedFile,
    sizes: dict[str, Any],
    thumbnail: UploadedFile | None,
    **options: Any,
) -> Any:
    """Save what the library's form accepts. With a ``user`` it checks their permission."""
    known = {size: str(sizes[size]) for size in SIZES if sizes.get(size)}
    fields = {
        "title": media.title,
        "collection": collection.pk,
        "duration": "0",
        **known,
    }
    files = {"file": file, **clean_thumbnail(thumbnail)}
    form = get_media_form(type(media))(fields, files, instance=media, **options)
    if not form.is_valid():
        raise ValidationError(
            [error for found in form.errors.values() for error in found]
        )
    return form.save()


def make_stem(title: str, kind: str) -> str:
    """Return the name of a file without its extension."""
    return slugify(title)[:40] or kind


def clean_thumbnail(file: UploadedFile | None) -> dict[str, UploadedFile]:
    """Return the frame of a video as a file of the form, or nothing if it is no image."""
    try:
        return {"thumbnail": clean_upload(file)} if file else {}
    except InvalidImage:
        return {}


def check_size(file: UploadedFile, name: str) -> None:
    limit = conf.get_max_video_size()
    if (file.size or 0) > limit:
        reason = _("The file is larger than %(limit)s.")
        text = reason % {"limit": filesizeformat(limit)}
        raise InvalidMedia(f"{name}: {text}", 413)


def make_digest(file: UploadedFile) -> str:
    """Return a text that is the same for the same content."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()[:DIGEST_LENGTH]


def find_added(kind: str, user: Any, collection: Collection, digest: str) -> Any:
    """Return the file with this content: its name has the digest."""
    found = get_media_model().objects.filter(
        type=kind,
        uploaded_by_user=user,
        collection=collection,
        file__contains=f"_{digest}",
    )
    return found.first()
