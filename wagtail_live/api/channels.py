"""The API views of channels: list those of a token, read and change the state of one."""

from __future__ import annotations

from uuid import UUID

from rest_framework.exceptions import NotAuthenticated, ValidationError
from rest_framework.response import Response

from .. import posts
from ..models import Channel, LivePost
from ..posts.lock import lock_channel
from .base import ApiView, ReadAccess, find_for_reading, find_for_writing
from .openapi import operation
from .serializers import ChannelSerializer, ChannelsSerializer, describe_channel


class ChannelsView(ApiView):
    @operation("List the pages of the token", ChannelsSerializer)
    def get(self, request):
        if request.auth is None:
            raise NotAuthenticated("This request needs a token.")
        channels = request.auth.channels.select_related("page", "pinned_post")
        channels = ChannelsSerializer(
            {"channels": channels.order_by("pk")},
            context={"request": request._request},
        )
        return self.respond(ReadAccess(channel=None), channels.data)


class ChannelView(ApiView):
    @operation("Read the state of a page", ChannelSerializer, is_public=True)
    def get(self, request, channel_id: str):
        access = find_for_reading(request, channel_id)
        return self.respond(access, describe_channel(access.channel, request._request))

    @operation(
        "Change state, key points or pinned post",
        ChannelSerializer,
        body=ChannelSerializer,
    )
    def patch(self, request, channel_id: str):
        channel = find_for_writing(request, channel_id)
        serializer = ChannelSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        pinned = values.get("pinned_post")
        with lock_channel(channel) as lock:  # all of the changes, or none
            channel = lock.channel
            post = _find_pinnable(channel, pinned) if pinned else None
            if "state" in values:
                posts.set_state(channel, values["state"], actor=request.auth)
            if "summary" in values:
                posts.summarise(channel, values["summary"], actor=request.auth)
            if "pinned_post" in values:
                posts.pin(channel, post, actor=request.auth)
        return Response(describe_channel(channel, request._request))


def _find_pinnable(channel: Channel, post_id: UUID) -> LivePost:
    post = channel.posts.visible().filter(pk=post_id).first()
    if post is None:
        reason = "No published post has this id."
        raise ValidationError({"pinned_post": [reason]})
    return post
