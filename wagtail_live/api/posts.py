"""The API views of posts: list, add, read, edit, delete."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.http import parse_etags, urlencode
from rest_framework.exceptions import NotAuthenticated
from rest_framework.response import Response

from .. import posts
from ..models import Channel, LivePost
from ..page.timeline import get_posts_page
from .base import ApiView, find_for_reading, find_for_writing
from .models import IdempotencyKey
from .openapi import operation
from .serializers import (
    PostSerializer,
    PostsQuery,
    PostsSerializer,
    describe_post,
    etag_of,
)

SOURCE = "api"


class PostsView(ApiView):
    @operation(
        "List posts, newest first", PostsSerializer, query=PostsQuery, is_public=True
    )
    def get(self, request, channel_id: str):
        access = find_for_reading(request, channel_id)
        query = PostsQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        if wanted["status"] != "published" and not access.sees_all:
            raise NotAuthenticated("This request needs a token for the page.")
        listed = access.channel.posts.all()
        if wanted["status"] != "all":
            listed = listed.with_status(wanted["status"])
        found, _, older = get_posts_page(listed, wanted.get("before"), wanted["limit"])
        next_query = urlencode({**request.query_params.dict(), "before": older or ""})
        data = {
            "posts": found,
            "next": older and request.build_absolute_uri(f"?{next_query}"),
            "cursor": access.channel.last_updated_at,
        }
        context = {"page_url": _get_page_url(access.channel, request)}
        return self.respond(access, PostsSerializer(data, context=context).data)

    @operation(
        "Add a post",
        PostSerializer,
        body=PostSerializer,
        status=HTTPStatus.CREATED,
        parameters=("idempotency_key",),
    )
    def post(self, request, channel_id: str):
        """Add a post, only one for requests with the same ``Idempotency-Key``."""
        channel = find_for_writing(request, channel_id)
        values = _read_values(request, PostSerializer(data=request.data))
        show = values.pop("show", not values.get("submitted"))
        message_id, row, is_new = "", None, True
        if key := self.get_idempotency_key():
            message_id = f"{request.auth.pk}:{key}"
            parts = b"POST", request.path.encode(), request._request.body
            row, is_new = IdempotencyKey.objects.remember(request.auth, key, *parts)
        try:
            post = posts.publish(
                channel,
                **values,
                show=show,
                source=SOURCE,
                message_id=message_id,
                author=request.auth.user,
                actor=request.auth,
            )
        except PermissionDenied:
            if row and is_new:
                row.delete()  # a refused request doesn't use up its key
            raise
        response = _respond_with(post, channel, request, HTTPStatus.CREATED)
        response["Location"] = request.build_absolute_uri(
            reverse("live-api-post", args=[channel_id, post.pk])
        )
        if not is_new:
            response["Idempotency-Replayed"] = "true"
        return response


class PostView(ApiView):
    @operation("Read a post", PostSerializer, is_public=True)
    def get(self, request, channel_id: str, post_id: UUID):
        access = find_for_reading(request, channel_id)
        post = _get_post(access.channel, post_id, is_seen=not access.sees_all)
        body = describe_post(post, _get_page_url(access.channel, request))
        return self.respond(access, body, etag_of(post))

    @operation(
        "Edit, hide, show or schedule a post",
        PostSerializer,
        body=PostSerializer,
        parameters=("if_match",),
    )
    def patch(self, request, channel_id: str, post_id: UUID):
        channel = find_for_writing(request, channel_id)
        post = _get_post(channel, post_id)
        expected = _get_expected(request, post)
        serializer = PostSerializer(data=request.data, partial=True)
        values = _read_values(request, serializer, post)
        post = posts.edit(
            channel, post, **values, expected=expected, actor=request.auth
        )
        return _respond_with(post, channel, request)

    @operation(
        "Delete a post for good",
        status=HTTPStatus.NO_CONTENT,
        parameters=("if_match",),
    )
    def delete(self, request, channel_id: str, post_id: UUID):
        channel = find_for_writing(request, channel_id)
        post = _get_post(channel, post_id)
        expected = _get_expected(request, post)
        posts.delete(channel, post, expected=expected, actor=request.auth)
        return Response(status=HTTPStatus.NO_CONTENT)


def _get_post(channel: Channel, post_id: UUID, *, is_seen: bool = False) -> LivePost:
    """Return the post; ``is_seen`` for one that readers see."""
    found = channel.posts.visible() if is_seen else channel.posts
    return found.select_related("author").get(pk=post_id)


def _get_page_url(channel: Channel, request) -> str | None:
    return channel.page.get_full_url(request._request)


def _get_expected(request, post: LivePost) -> datetime | None:
    """Return the version that ``If-Match`` names, for the writer to compare.

    Weak ``ETag``s match, too: proxies that compress responses make them weak.
    """
    header = request.headers.get("If-Match", "*")
    if header.strip() == "*":
        return None
    etags = {etag.removeprefix("W/") for etag in parse_etags(header)}
    if etag_of(post) not in etags:
        raise posts.Conflict(post)
    return post.updated_at


def _read_values(request, serializer: PostSerializer, post: LivePost | None = None):
    serializer.context.update(user=request.auth.user, post=post)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _respond_with(
    post: LivePost, channel: Channel, request, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    body = describe_post(post, _get_page_url(channel, request))
    return Response(body, status=status, headers={"ETag": etag_of(post)})
