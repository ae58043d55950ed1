"""The API view of the shares of a post."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.response import Response

from ...api.base import ApiView, find_for_writing
from ...api.openapi import operation
from ...api.problems import Problem
from ...api.serializers import (
    MomentField,
    PostSerializer,
    StrictSerializer,
    describe_post,
    etag_of,
)
from .copying import Refused, copy, share
from .models import SharedPost

SHARE, COPY = "share", "copy"


class NewShareSerializer(StrictSerializer):
    """A share or a copy of a post on another page."""

    schema_name = "Share"
    channel = serializers.CharField(
        max_length=255, help_text="The public id of the channel that gets the post."
    )
    kind = serializers.ChoiceField(
        choices=[SHARE, COPY],
        default=SHARE,
        help_text="A `share` follows the post, a `copy` is independent of it.",
    )
    confirm = serializers.BooleanField(
        default=False,
        help_text="Readers of the other page may see the post, although they may not open "
        "the page of this one. Only for tokens that may publish both pages.",
    )


class ShareSerializer(serializers.Serializer):
    """A post that follows this one."""

    channel = serializers.CharField(source="channel.channel_id")
    post = serializers.UUIDField(source="post_id")
    shared_at = MomentField()
    ended = serializers.CharField(
        help_text="The reason why it no longer follows; empty while it does."
    )


class SharesSerializer(serializers.Serializer):
    shares = ShareSerializer(many=True)


class SharesView(ApiView):
    @operation("List the shares of a post", SharesSerializer)
    def get(self, request, channel_id: str, post_id: UUID):
        """List the shares on those pages that the token is for."""
        channel = find_for_writing(request, channel_id)
        post = channel.posts.get(pk=post_id)
        links = SharedPost.objects.filter(
            original_id=post.pk, channel__in=request.auth.channels.all()
        )
        found = [
            link
            for link in links.select_related("channel").order_by("shared_at", "pk")
            if request.auth.may_read(link.channel)
        ]
        return Response(SharesSerializer({"shares": found}).data)

    @operation(
        "Share a post with another page, or copy it there",
        PostSerializer,
        body=NewShareSerializer,
        status=HTTPStatus.CREATED,
        parameters=("idempotency_key",),
    )
    def post(self, request, channel_id: str, post_id: UUID):
        """Share or copy a post, only once for requests with the same ``Idempotency-Key``."""
        channel = find_for_writing(request, channel_id)
        serializer = NewShareSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data
        try:
            target = find_for_writing(request, wanted["channel"])
        except Http404:
            reason = "This token is not for a page with this channel."
            raise serializers.ValidationError({"channel": [reason]}) from None
        made = self.make(channel.posts.get(pk=post_id), target, wanted)
        response = Response(
            describe_post(made, request._request),
            status=HTTPStatus.CREATED,
            headers={"ETag": etag_of(made)},
        )
        response["Location"] = request.build_absolute_uri(
            reverse("live-api-post", args=[target.channel_id, made.pk])
        )
        if self.is_repeated:
            response["Idempotency-Replayed"] = "true"
        return response

    def make(self, post: Any, target: Any, wanted: dict[str, Any]) -> Any:
        row, _ = self.remember()
        make = copy if wanted["kind"] == COPY else share
        try:
            return make(
                post,
                target,
                actor=self.request.auth,
                message_id=f"{self.request.auth.pk}:{row.key}" if row else "",
                is_confirmed=wanted["confirm"],
            )
        except Refused as refused:
            raise Problem(HTTPStatus.CONFLICT, str(refused.reason)) from None
