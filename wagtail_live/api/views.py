"""Reading: what a page shows, its posts, and what has changed."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.http import urlencode
from rest_framework.exceptions import NotAuthenticated, ValidationError

from .. import cursors
from ..models import Channel, LivePost
from ..page.updates import changes_between
from .base import ApiView
from .reach import Reach, find_for_reading
from .representation import describe_channel, describe_post, describe_posts, etag_of
from .serializers import ListSerializer

MOST_CHANGES = 200


def read_channel(view: ApiView, request, channel_id: str) -> HttpResponse:
    reach = find_for_reading(request, channel_id)
    return view.answer(reach, describe_channel(reach.channel, request._request))


def read_posts(view: ApiView, request, channel_id: str) -> HttpResponse:
    """Newest first, from a position on."""
    reach = find_for_reading(request, channel_id)
    query = ListSerializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    wanted = query.validated_data
    if wanted["status"] != "published":
        reach.require_writer()
    posts, older = _get_page(reach.channel, **wanted)
    return view.answer(
        reach,
        {
            "posts": describe_posts(posts, get_page_url(reach, request)),
            "next": older and _next_url(request, older),
            "cursor": cursors.to_timestamp(reach.channel.last_updated_at),
        },
    )


def read_post(view: ApiView, request, channel_id: str, post_id: UUID) -> HttpResponse:
    reach = find_for_reading(request, channel_id)
    post = get_post(reach, post_id)
    body = describe_post(post, get_page_url(reach, request))
    return view.answer(reach, body, etag_of(post))


class ChannelsView(ApiView):
    """The live pages that a token is for."""

    def get(self, request):
        if request.auth is None:
            raise NotAuthenticated("This needs a token.")
        channels = request.auth.channels.select_related("page", "pinned_post")
        described = [
            describe_channel(channel, request._request)
            for channel in channels.order_by("pk")
        ]
        return self.answer(Reach(channel=None), {"channels": described})


class UpdatesView(ApiView):
    """What has changed since a cursor, oldest first."""

    def get(self, request, channel_id: str):
        reach = find_for_reading(request, channel_id)
        try:
            since = cursors.parse(request.query_params.getlist("since"))
        except cursors.InvalidCursor as error:
            reason = str(error).replace("last_update_ts", "since")
            raise ValidationError({"since": [reason]}) from None
        return self.answer(reach, self.describe(reach, since))

    def describe(self, reach: Reach, since) -> dict:
        channel = reach.channel
        answer = {
            "reset": True,
            "posts": [],
            "removals": [],
            "channel": describe_channel(channel, self.request._request),
            "cursor": cursors.to_timestamp(channel.last_updated_at),
        }
        if not _is_known(channel, since):
            return answer
        changes = changes_between(channel, since, channel.last_updated_at)
        if len(changes.posts) + len(changes.removals) > MOST_CHANGES:
            return answer
        page_url = get_page_url(reach, self.request)
        posts = describe_posts(changes.posts, page_url)
        removals = [post_id for _, post_id in changes.removals]
        return {**answer, "reset": False, "posts": posts, "removals": removals}


class NothingView(ApiView):
    """Answers in JSON where there is no view."""

    def http_method_not_allowed(self, request, *args, **kwargs):
        raise Http404


def get_page_url(reach: Reach, request) -> str | None:
    return reach.channel.page.get_full_url(request._request)


def get_post(reach: Reach, post_id: UUID) -> LivePost:
    """``LivePost.DoesNotExist`` for a post that whoever asks may not see, too."""
    posts = reach.channel.posts
    visible = posts.visible() if reach.rights is None else posts
    return visible.select_related("author").get(pk=post_id)


def _get_page(channel: Channel, *, status, limit, before=None):
    posts = channel.posts.all()
    if status != "all":
        posts = posts.with_status(status)
    if before:
        posts = posts.before(before.created, before.post_id)
    posts = list(posts.newest_first().select_related("author")[: limit + 1])
    older = posts[limit - 1].position if len(posts) > limit else None
    return posts[:limit], older


def _next_url(request, older: str) -> str:
    query = {**request.query_params.dict(), "before": older}
    return request.build_absolute_uri(f"?{urlencode(query)}")


def _is_known(channel: Channel, since) -> bool:
    """Whether all that has happened since is remembered."""
    purged_at = channel.tombstones_purged_at
    is_purged = purged_at is not None and since < purged_at
    return not is_purged and since <= channel.last_updated_at
