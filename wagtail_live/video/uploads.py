"""Videos that are sent from the desk: the checks, and the media library."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import Any

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

SIZES = ("duration", "width", "height")  # as the browser has read them
DIGEST_LENGTH = 20


class InvalidVideo(Exception):
    """A video that the site doesn't take; the message is for the user."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


def find_collection(user: Any) -> Collection | None:
    """Return a collection that the user may add media to, ``None`` if there is none."""
    policy = get_permission_policy()
    return policy.collections_user_has_permission_for(user, "add").first()


def add_video(
    file: UploadedFile,
    sizes: dict[str, str],
    user: Any,
    collection: Collection,
    thumbnail: UploadedFile | None = None,
) -> Any:
    """Add a video to the library, or return the one that the user has added already.

    Raise ``InvalidVideo`` if it is too large, or if the library's form refuses it.
    """
    name = file.name or ""
    check_size(file, name)
    title = normalise_line(PurePath(name).stem)[:255] or _("Video")
    digest = make_digest(file)
    added = find_added(user, collection, digest)
    if added:
        return added
    stem = slugify(title)[:40] or "video"
    file.name = f"{stem}_{digest}{PurePath(name).suffix.lower()}"
    model = get_media_model()
    form = get_media_form(model)(
        {"title": title, "collection": collection.pk, "duration": "0", **sizes},
        {"file": file, **clean_thumbnail(thumbnail)},
        instance=model(type="video", uploaded_by_user=user),
        user=user,
    )
    if not form.is_valid():
        errors = [str(error) for found in form.errors.values() for error in found]
        raise InvalidVideo(f"{name}: {' '.join(errors)}")
    return form.save()


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
        raise InvalidVideo(f"{name}: {text}", 413)


def make_digest(file: UploadedFile) -> str:
    """Return a text that is the same for the same content."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()[:DIGEST_LENGTH]


def find_added(user: Any, collection: Collection, digest: str) -> Any:
    """Return the video with this content: the name of its file has the digest."""
    found = get_media_model().objects.filter(
        type="video",
        uploaded_by_user=user,
        collection=collection,
        file__contains=f"_{digest}",
    )
    return found.first()
