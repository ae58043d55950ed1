"""The API views of channels: list those of a token, read and change the state of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.exceptions import NotAuthenticated, ValidationError
from rest_framework.response import Response
from wagtail.rich_text import RichText

from .. import cursors, posts
from ..models import Channel, LivePost
from ..posts.lock import lock_channel
from .base import ApiView, ReadAccess, find_for_reading, find_for_writing
from .models import ApiToken, IdempotencyKey
from .openapi import operation
from .serializers import ChannelSerializer, ChannelsSerializer, describe_channel


class ChannelsView(ApiView):
    @operation("List the pages of the token", ChannelsSerializer)
    def get(self, request):
        if request.auth is None:
            raise NotAuthenticated("This request needs a token.")
        channels = request.auth.channels.select_related("page__locale", "pinned_post")
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
        parameters=("idempotency_key",),
    )
    def patch(self, request, channel_id: str):
        channel = find_for_writing(request, channel_id)
        serializer = ChannelSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        with lock_channel(channel) as lock:  # all of the changes, or none
            channel = lock.channel
            row, is_repeated = self.remember()
            if is_repeated:
                _require_same(channel, row, values)
            else:
                _change(channel, values, request.auth)
            if row and not is_repeated:
                row.keep(_get_version(channel))
        response = Response(describe_channel(channel, request._request))
        if is_repeated:
            response["Idempotency-Replayed"] = "true"
        return response


def _change(channel: Channel, values: dict[str, Any], actor: ApiToken) -> None:
    pinned = values.get("pinned_post")
    post = _find_pinnable(channel, pinned) if pinned else None
    if "state" in values:
        posts.set_state(channel, values["state"], actor=actor)
    if "summary" in values:
        posts.summarise(channel, values["summary"], actor=actor)
    if "pinned_post" in values:
        posts.pin(channel, post, actor=actor)


def _require_same(
    channel: Channel, row: IdempotencyKey, values: dict[str, Any]
) -> None:
    """Raise ``Conflict`` if somebody else has changed since what a request has set."""
    current = {
        "state": channel.state,
        "summary": RichText(channel.summary),
        "pinned_post": channel.pinned_post_id,
    }
    is_same = all(current[name] == value for name, value in values.items())
    if row.result != _get_version(channel) and not is_same:
        raise posts.Conflict(None)


def _get_version(channel: Channel) -> str:
    return repr(cursors.to_timestamp(channel.overview_updated_at))


def _find_pinnable(channel: Channel, post_id: UUID) -> LivePost:
    post = channel.posts.visible().filter(pk=post_id).first()
    if post is None:
        reason = "No published post has this id."
        raise ValidationError({"pinned_post": [reason]})
    return post
