"""Writing with a token: posts, pictures, and what stands above the posts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from .. import posts
from ..models import LivePost, PostStatus
from ..posts import channel as coverage
from .base import ApiView
from .conditions import get_expected, get_key, remember
from .models import ApiToken
from .problems import Problem
from .reach import Reach, find_for_writing
from .representation import describe_channel, describe_post, etag_of
from .serializers import ChannelSerializer, PostSerializer
from .views import get_page_url, get_post, read_channel, read_post, read_posts

SOURCE = "api"
UNPUBLISHED = (PostStatus.DRAFT, PostStatus.SUBMITTED)


class ChannelView(ApiView):
    """The page: its state, its key points and its pinned post."""

    def get(self, request, channel_id: str):
        return read_channel(self, request, channel_id)

    def patch(self, request, channel_id: str):
        reach = find_for_writing(request, channel_id)
        reach.require(publishing=True)
        given = ChannelSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        self.change(reach, given.validated_data)
        reach.channel.refresh_from_db()
        return Response(describe_channel(reach.channel, request._request))

    def change(self, reach: Reach, values: dict[str, Any]) -> None:
        channel, user = reach.channel, self.request.auth.user
        pinned = values.get("pinned_post")
        post = _find_pinnable(reach, pinned) if pinned else None
        if "state" in values:
            coverage.set_state(channel, values["state"], user=user)
        if "summary" in values:
            coverage.summarise(channel, values["summary"], user=user)
        if "pinned_post" in values:
            coverage.pin(channel, post, user=user)


class PostsView(ApiView):
    """The posts of a page."""

    def get(self, request, channel_id: str):
        return read_posts(self, request, channel_id)

    def post(self, request, channel_id: str):
        """The same ``Idempotency-Key`` makes one post, however often it comes."""
        reach = find_for_writing(request, channel_id)
        reach.require(publishing=False)
        values = _read_values(self, PostSerializer(data=request.data), reach)
        show = values.pop("show", not values.get("submitted"))
        is_seen = show or values.get("go_live_at")
        _require_publishing(reach, is_publishing=is_seen)
        message_id, is_repeated = self.get_message_id()
        post = posts.publish(
            reach.channel,
            **values,
            show=show,
            source=SOURCE,
            message_id=message_id,
            author=request.auth.user,
            user=request.auth.user,
        )
        response = answer_post(self, reach, post, HTTPStatus.CREATED)
        response["Location"] = request.build_absolute_uri(
            reverse("live-api-post", args=[channel_id, post.pk])
        )
        if is_repeated:
            response["Idempotency-Replayed"] = "true"
        return response

    def get_message_id(self) -> tuple[str, bool]:
        token: ApiToken = self.request.auth
        key = get_key(self.request)
        if not key:
            return "", False
        path = self.request.path.encode()
        _, is_new = remember(token, key, b"POST", path, self.request._request.body)
        return f"{token.pk}:{key}", not is_new


class PostView(ApiView):
    """One post. ``If-Match`` makes sure that nobody else's change is overwritten."""

    def get(self, request, channel_id: str, post_id: UUID):
        return read_post(self, request, channel_id, post_id)

    def patch(self, request, channel_id: str, post_id: UUID):
        reach = find_for_writing(request, channel_id)
        post = get_post(reach, post_id)
        expected = self.get_expected(reach, post)
        serializer = PostSerializer(data=request.data, partial=True)
        values = _read_values(self, serializer, reach, post)
        is_seen = bool(values.get("show") or values.get("go_live_at"))
        _require_publishing(reach, is_publishing=is_seen or _has_been_seen(post))
        post = posts.edit(
            reach.channel, post, **values, expected=expected, user=request.auth.user
        )
        return answer_post(self, reach, post)

    def delete(self, request, channel_id: str, post_id: UUID):
        reach = find_for_writing(request, channel_id)
        post = get_post(reach, post_id)
        expected = self.get_expected(reach, post)
        _require_publishing(reach, is_publishing=_has_been_seen(post))
        posts.delete(reach.channel, post, expected=expected, user=request.auth.user)
        return Response(status=HTTPStatus.NO_CONTENT)

    def get_expected(self, reach: Reach, post: LivePost):
        """A token for drafts writes only what is a draft still under the lock."""
        expected = get_expected(self.request, post)
        return expected if reach.rights.may_publish else expected or post.updated_at


def answer_post(
    view: ApiView, reach: Reach, post: LivePost, status: int = HTTPStatus.OK
) -> Response:
    body = describe_post(post, get_page_url(reach, view.request))
    return Response(body, status=status, headers={"ETag": etag_of(post)})


def _read_values(view, serializer, reach: Reach, post: LivePost | None = None):
    serializer.context.update(user=view.request.auth.user, post=post)
    serializer.is_valid(raise_exception=True)
    values = dict(serializer.validated_data)
    if values.get("show") and values.get("go_live_at"):
        raise ValidationError({"go_live_at": ["Either show it now, or go live then."]})
    if values.get("show") is False:
        values.setdefault("go_live_at", None)
    return values


def _require_publishing(reach: Reach, *, is_publishing: Any) -> None:
    reach.require(publishing=False)
    if is_publishing and not reach.rights.may_publish:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            'Here you may only write drafts: send "show": false, and change only posts '
            "that have not been published.",
        )


def _has_been_seen(post: LivePost) -> bool:
    return post.status not in UNPUBLISHED


def _find_pinnable(reach: Reach, post_id: UUID) -> LivePost:
    post = reach.channel.posts.visible().filter(pk=post_id).first()
    if post is None:
        raise ValidationError({"pinned_post": ["Readers see no such post."]})
    return post
