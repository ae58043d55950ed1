"""The API view that uploads images for posts."""

from __future__ import annotations

from http import HTTPStatus

from django.db import transaction
from django.forms import ModelForm
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from wagtail.images import get_image_model

from ..background import retry_if_locked
from ..images import (
    InvalidImage,
    find_collection,
    get_max_file_size,
    prepare_image,
)
from ..renditions import find_alt_text
from .base import MAX_BODY, ApiView, find_for_writing
from .models import IdempotencyKey
from .openapi import operation
from .problems import Problem

DELETED = "The image that this request created has been deleted since."


class BlockField(serializers.Field):
    schema = {"$ref": "#/components/schemas/Block"}

    def to_representation(self, image):
        value = {
            "image": image.pk,
            "alt_text": find_alt_text(image),
            "caption": "",
            "credit": "",
            "decorative": False,
        }
        return {"type": "image", "value": value}


class ImageSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk", read_only=True)
    file = serializers.FileField(
        write_only=True,
        error_messages={"required": "Send the image in the field “file”."},
    )
    title = serializers.CharField(max_length=255, required=False, allow_blank=True)
    width = serializers.IntegerField(read_only=True)
    height = serializers.IntegerField(read_only=True)
    block = BlockField(
        source="*", read_only=True, help_text="A block for the content of a post."
    )


class ImagesView(ApiView):
    """Accepts ``file`` and optionally ``title`` as ``multipart/form-data``."""

    parser_classes = (MultiPartParser,)

    @property
    def max_body(self) -> int:
        return get_max_file_size() + MAX_BODY

    @operation(
        "Upload an image",
        ImageSerializer,
        body=ImageSerializer,
        status=HTTPStatus.CREATED,
        parameters=("idempotency_key",),
        media_type="multipart/form-data",
    )
    def post(self, request, channel_id: str):
        """Add an image, only one for requests with the same ``Idempotency-Key``."""
        channel = find_for_writing(request, channel_id)
        request.auth.rights_on(channel).require(publishing=False)
        user = request.auth.user
        collection = find_collection(user) if user else None
        if user and collection is None:
            raise PermissionDenied("You do not have permission to add images.")
        upload = ImageSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        file = upload.validated_data["file"]
        title = upload.validated_data.get("title") or file.name
        try:
            # Before the transaction, because it is slow.
            form = prepare_image(file, title, user, collection)
        except InvalidImage as error:
            raise ValidationError({"file": [str(error)]}) from None
        file.seek(0)
        parts = b"POST", request.path.encode(), title.encode(), file.read()
        image, is_repeated = retry_if_locked(self.add, form, parts)
        if image is None:
            raise Problem(HTTPStatus.GONE, DELETED)
        response = Response(ImageSerializer(image).data, status=HTTPStatus.CREATED)
        if is_repeated:
            response["Idempotency-Replayed"] = "true"
        return response

    @transaction.atomic
    def add(self, form: ModelForm, parts: tuple[bytes, ...]):
        """Return the image (``None`` if deleted), and whether the request is repeated."""
        key = self.get_idempotency_key()
        if not key:
            return form.save(), False
        row, is_new = IdempotencyKey.objects.remember(self.request.auth, key, *parts)
        if not is_new:
            return get_image_model().objects.filter(pk=row.result).first(), True
        image = form.save()
        row.result = str(image.pk)
        row.save(update_fields=["result"])
        return image, False
