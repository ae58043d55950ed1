"""The API view of the stage: the part above the posts that shows the page itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Refused
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from .. import posts
from ..models import Channel
from ..page import rendering
from .base import ApiView, find_for_reading, find_for_writing
from .openapi import operation
from .serializers import MomentField, StrictSerializer


class ValuesField(serializers.DictField):
    schema = {"type": "object"}


class StageSerializer(StrictSerializer):
    """The stage as readers see it; as input, changes to some of its fields."""

    values = ValuesField(
        required=False,
        help_text="The fields of the page type's `stage_form_class`, by name.",
    )
    title = serializers.CharField(read_only=True)
    html = serializers.CharField(read_only=True)
    updated = MomentField(read_only=True, allow_null=True)


class StageView(ApiView):
    @operation("Read the stage", StageSerializer, is_public=True)
    def get(self, request, channel_id: str):
        access = find_for_reading(request, channel_id)
        return self.respond(access, describe_stage(access.channel, request._request))

    @operation("Set fields of the stage", StageSerializer, body=StageSerializer)
    def patch(self, request, channel_id: str):
        channel = find_for_writing(request, channel_id)
        serializer = StageSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data.get("values", {})
        try:
            channel = posts.update_stage(channel, values, actor=request.auth)
        except Refused as error:
            raise ValidationError(error.message_dict) from None
        return Response(describe_stage(channel, request._request))

    @operation("Send the stage to readers again", StageSerializer)
    def post(self, request, channel_id: str):
        """Answer a system that has changed what the stage shows; a body is ignored."""
        channel = find_for_writing(request, channel_id)
        channel = posts.touch_stage(channel, actor=request.auth)
        return Response(describe_stage(channel, request._request))


def describe_stage(channel: Channel, request=None) -> dict[str, Any]:
    page = channel.page.specific
    stage = rendering.find_stage(channel, page)
    base_url = rendering.get_base_url(page, request)
    stored = channel.stage_values or {}
    data = {
        "values": {f.name: stored.get(f.name) for f in page.get_stage_fields(channel)},
        "title": page.title,
        "html": rendering.make_absolute(stage.get("stage", ""), base_url),
        "updated": channel.stage_updated_at,
    }
    return StageSerializer(data).data
