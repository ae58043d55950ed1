"""Images from outside: the one way in, for the live desk, the API and receivers.

All lose their metadata, such as GPS positions, before they are stored.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.models import Collection

from ..text import normalise_line
from .conversion import clean_image
from .formats import EXTENSIONS, InvalidImage, find_format

__all__ = ["InvalidImage", "add_image", "find_format", "prepare_image"]

MAX_FILE_SIZE = 25 * 2**20  # bytes, of a file that is sent
DEFAULT_MAX_STORED_SIZE = 10 * 2**20  # bytes, as in Wagtail


def get_image_permissions():
    """Return the permission policy of images, on Wagtail 7 and 8."""
    try:
        from wagtail.permissions import policy_registry
    except ImportError:
        from wagtail.images.permissions import permission_policy

        return permission_policy
    return policy_registry.get_by_type(get_image_model())


def get_max_file_size() -> int:
    """Return the bytes that a file may have when it is sent. It is stored with at most
    ``WAGTAILIMAGES_MAX_UPLOAD_SIZE``, scaled down if necessary."""
    return max(_get_max_stored_size() or 0, MAX_FILE_SIZE)


def _get_max_stored_size() -> int | None:
    return getattr(settings, "WAGTAILIMAGES_MAX_UPLOAD_SIZE", DEFAULT_MAX_STORED_SIZE)


def find_collection(user: Any):
    """Return a collection that the user may add images to, ``None`` if there is none."""
    policy = get_image_permissions()
    return policy.collections_user_has_permission_for(user, "add").first()


def add_image(data: bytes, title: str, user: Any = None, *, name: str = ""):
    """Save an image of the site's image model in the root collection.

    Raise ``InvalidImage``, with the ``name`` of the file or the title, for a file that is
    not an image, is too large or is refused by Wagtail's image form.
    """
    file = SimpleUploadedFile((name or title)[:255] or "image", data)
    form = prepare_image(file, title, user)
    with transaction.atomic():
        return form.save()


def prepare_image(
    file: UploadedFile, title: str, user: Any = None, collection: Any = None
):
    """Return a valid form whose ``save`` adds the image; see ``add_image``."""
    # It needs all models, and those of a site may import what writes posts.
    from wagtail.images.forms import get_image_form

    cleaned = clean_upload(file)
    title = normalise_line(title)
    collection = collection or Collection.get_first_root_node()
    form = get_image_form(get_image_model())(
        {"title": title[:255] or _("Image"), "collection": collection.pk},
        {"file": cleaned},
        instance=get_image_model()(uploaded_by_user=user),
    )
    if not form.is_valid():
        errors = [str(error) for errors in form.errors.values() for error in errors]
        raise InvalidImage(f"{file.name}: {' '.join(errors)}")
    return form


def clean_upload(file: UploadedFile) -> UploadedFile:
    """Return a file as the site stores it. Errors begin with its name."""
    try:
        limit = get_max_file_size()
        if (file.size or 0) > limit:
            reason = _("The file is larger than %(limit)s.")
            raise InvalidImage(reason % {"limit": filesizeformat(limit)})
        file.seek(0)
        data, file_format = clean_image(file.read(), _get_max_stored_size())
    except InvalidImage as error:
        raise InvalidImage(f"{file.name}: {error}") from error
    stem = slugify(PurePath(file.name or "").stem)[:80] or "image"
    return SimpleUploadedFile(f"{stem}.{EXTENSIONS[file_format]}", data)
