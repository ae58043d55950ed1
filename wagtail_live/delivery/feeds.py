"""Views of the Atom and JSON feeds: 50 posts to a page (``?before=…``)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.http import http_date
from django.views import View

from .. import cursors
from ..page import feeds, timeline
from .access import ChannelGone, find_access
from .responses import (
    NOT_FOUND,
    PRIVATE_HEADERS,
    PUBLIC_HEADERS,
    add_headers,
    to_django,
)


@method_decorator(login_not_required, name="dispatch")  # the view checks access
class FeedView(View):
    """The posts that readers see, newest first."""

    content_type = ""
    render: Callable

    def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        try:
            channel, is_public = find_access(request, channel_id)
        except ChannelGone:
            return to_django(NOT_FOUND)
        last_modified = cursors.to_timestamp(channel.seen_updated_at)
        etag = f'"{last_modified!r}"'
        response = get_conditional_response(request, etag=etag)
        if response is None:
            before = timeline.parse_position(request.GET.get("before"))
            posts = timeline.get_posts_page(channel.posts.visible(), before)
            build_url = request.build_absolute_uri
            body = self.render(
                channel,
                posts,
                page_url=channel.page.get_full_url(request),
                feed_url=build_url(),
                next_url=posts.older and build_url(f"?before={posts.older}"),
            )
            response = HttpResponse(body, content_type=self.content_type)
            response["ETag"] = etag
            response["Last-Modified"] = http_date(int(last_modified))
        return add_headers(response, PUBLIC_HEADERS if is_public else PRIVATE_HEADERS)


class JSONFeedView(FeedView):
    content_type = "application/feed+json"
    render = staticmethod(feeds.render_json)


class AtomFeedView(FeedView):
    content_type = "application/atom+xml; charset=utf-8"
    render = staticmethod(feeds.render_atom)
