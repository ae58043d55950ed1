"""The API views of posts: list, add, read, edit, delete."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.urls import reverse
from django.utils.http import parse_etags, urlencode
from rest_framework.exceptions import NotAuthenticated
from rest_framework.response import Response

from .. import cursors, posts
from ..models import Channel, LivePost
from ..page.timeline import get_posts_page
from ..posts.content import build_content
from ..posts.lock import lock_channel
from .authors import read_authors
from .base import ApiView, find_for_reading, find_for_writing
from .openapi import operation
from .serializers import (
    PostSerializer,
    PostsQuery,
    PostsSerializer,
    StartedPostSerializer,
    describe_post,
    etag_of,
    get_context,
)

SOURCE = "api"
NO_VERSION = cursors.at(0)


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
        context = get_context(access.channel, request._request)
        return self.respond(access, PostsSerializer(data, context=context).data)

    @operation(
        "Add a post",
        PostSerializer,
        body=StartedPostSerializer,
        status=HTTPStatus.CREATED,
        parameters=("idempotency_key",),
    )
    def post(self, request, channel_id: str):
        """Add a post, only one for requests with the same ``Idempotency-Key``."""
        channel = find_for_writing(request, channel_id)
        serializer = StartedPostSerializer(data=request.data)
        values = _read_values(request, channel, serializer)
        preset, started = values.pop("preset", None), values.pop("started", ())
        values.setdefault("show", not values.get("submitted"))
        values.setdefault("author", request.auth.user)
        with lock_channel(channel) as lock:
            row, is_repeated = self.remember()
            message_id = f"{request.auth.pk}:{row.key}" if row else ""
            post = posts.publish(
                lock.channel,
                **values,
                source=SOURCE,
                message_id=message_id,
                actor=request.auth,
            )
            if is_repeated:
                sent = {name: v for name, v in values.items() if name not in started}
                self.require_same(lock.channel, post, sent)
            elif preset and preset.pin and post.show:
                posts.pin(lock.channel, post, actor=request.auth)
        response = _respond_with(post, request, HTTPStatus.CREATED)
        response["Location"] = request.build_absolute_uri(
            reverse("live-api-post", args=[channel_id, post.pk])
        )
        if is_repeated:
            response["Idempotency-Replayed"] = "true"
        return response

    def require_same(self, channel: Channel, post: LivePost, values: dict) -> None:
        """Raise ``Conflict`` if a post that was created already has changed since."""
        expected = posts.AS_CREATED
        actor = self.request.auth
        posts.edit(channel, post, **values, expected=expected, actor=actor)


class PostView(ApiView):
    @operation("Read a post", PostSerializer, is_public=True)
    def get(self, request, channel_id: str, post_id: UUID):
        access = find_for_reading(request, channel_id)
        post = _get_post(access.channel, post_id, is_seen=not access.sees_all)
        body = describe_post(post, request._request)
        return self.respond(access, body, etag_of(post))

    @operation(
        "Edit, hide, show or schedule a post",
        PostSerializer,
        body=PostSerializer,
        parameters=("if_match", "idempotency_key"),
    )
    def patch(self, request, channel_id: str, post_id: UUID):
        """Change a post, only once for requests with the same ``Idempotency-Key``."""
        channel = find_for_writing(request, channel_id)
        post = _get_post(channel, post_id)
        expected = _get_expected(request, post)
        serializer = PostSerializer(data=request.data, partial=True)
        values = _read_values(request, channel, serializer, post)
        with lock_channel(channel) as lock:
            row, is_repeated = self.remember()
            if is_repeated:
                expected = cursors.parse([row.result])
            post = posts.edit(
                lock.channel, post, **values, expected=expected, actor=request.auth
            )
            if row and not is_repeated:
                row.keep(repr(cursors.to_timestamp(post.updated_at)))
        response = _respond_with(post, request)
        if is_repeated:
            response["Idempotency-Replayed"] = "true"
        return response

    @operation(
        "Delete a post for good",
        status=HTTPStatus.NO_CONTENT,
        parameters=("if_match", "idempotency_key"),
    )
    def delete(self, request, channel_id: str, post_id: UUID):
        """Delete a post, only once for requests with the same ``Idempotency-Key``."""
        channel = find_for_writing(request, channel_id)
        with lock_channel(channel) as lock:
            _, is_repeated = self.remember()
            post = lock.channel.posts.filter(pk=post_id).first()
            if is_repeated and post:
                raise posts.Conflict(post)
            if not is_repeated:
                post = _get_post(lock.channel, post_id)
                expected = _get_expected(request, post)
                posts.delete(lock.channel, post, expected=expected, actor=request.auth)
        return Response(status=HTTPStatus.NO_CONTENT)


def _get_post(channel: Channel, post_id: UUID, *, is_seen: bool = False) -> LivePost:
    """Return the post; ``is_seen`` for one that readers see."""
    found = channel.posts.visible() if is_seen else channel.posts
    return found.with_author().get(pk=post_id)


def _get_expected(request, post: LivePost) -> datetime | None:
    """Return the version that ``If-Match`` names, for the writer to compare.

    Weak ``ETag``s match, too: proxies that compress responses make them weak.
    """
    header = request.headers.get("If-Match", "*")
    if header.strip() == "*":
        return None
    etags = {etag.removeprefix("W/") for etag in parse_etags(header)}
    return post.updated_at if etag_of(post) in etags else NO_VERSION


def _read_values(
    request,
    channel: Channel,
    serializer: PostSerializer,
    post: LivePost | None = None,
):
    user = request.auth.user
    serializer.context.update(
        request=request._request, user=user, post=post, channel=channel
    )
    serializer.is_valid(raise_exception=True)
    values = dict(serializer.validated_data)
    if "authors" in values:
        values |= read_authors(channel, request.auth, values["authors"], post)
    if "content" in values:
        values["content"] = build_content(values["content"], channel)  # before the lock
    return values


def _respond_with(
    post: LivePost, request, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    body = describe_post(post, request._request)
    return Response(body, status=status, headers={"ETag": etag_of(post)})
