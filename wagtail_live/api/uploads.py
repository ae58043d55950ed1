"""Pictures, to be referred to in the content of posts."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from wagtail.images import get_image_model

from ..admin.desk.media import get_image_permissions
from ..images import Unusable, add_image
from .base import MAX_BODY, ApiView
from .conditions import get_key, remember
from .problems import Problem
from .reach import find_for_writing

DEFAULT_MAX_IMAGE = 10 * 2**20  # bytes, as in Wagtail


class ImagesView(ApiView):
    """Takes ``file`` and optionally ``title`` as ``multipart/form-data``."""

    parser_classes = (MultiPartParser,)

    @property
    def max_body(self) -> int:
        most = getattr(settings, "WAGTAILIMAGES_MAX_UPLOAD_SIZE", DEFAULT_MAX_IMAGE)
        return (most or DEFAULT_MAX_IMAGE) + MAX_BODY

    def post(self, request, channel_id: str):
        """The same ``Idempotency-Key`` makes one image."""
        find_for_writing(request, channel_id).require(publishing=False)
        user = request.auth.user
        if user and not get_image_permissions().user_has_permission(user, "add"):
            raise PermissionDenied("You may not add images to this site.")
        upload = request.FILES.get("file")
        if upload is None:
            raise ValidationError({"file": ["Send the picture in the field “file”."]})
        title = request.POST.get("title", "").strip() or upload.name
        image, is_repeated = self.add(upload.read(), title)
        response = Response(_describe(image), status=HTTPStatus.CREATED)
        if is_repeated:
            response["Idempotency-Replayed"] = "true"
        return response

    def add(self, data: bytes, title: str):
        """The image, and whether it was there already."""
        token, key = self.request.auth, get_key(self.request)
        if not key:
            return _add(data, title, token.user), False
        with transaction.atomic():
            asked = b"POST", self.request.path.encode(), title.encode(), data
            row, is_new = remember(token, key, *asked)
            if not is_new:
                return get_image_model().objects.filter(pk=row.result).first(), True
            image = _add(data, title, token.user)
            row.result = str(image.pk)
            row.save(update_fields=["result"])
            return image, False


def _add(data: bytes, title: str, user):
    try:
        return add_image(data, title, user)
    except Unusable as error:
        raise ValidationError({"file": [str(error)]}) from None


def _describe(image) -> dict:
    if image is None:
        raise Problem(
            HTTPStatus.GONE,
            "This request added an image, which has been deleted since.",
        )
    alt_text = image.default_alt_text
    return {
        "id": image.pk,
        "title": image.title,
        "width": image.width,
        "height": image.height,
        "block": {
            "type": "image",
            "value": {"image": image.pk, "alt_text": alt_text, "decorative": False},
        },
    }
