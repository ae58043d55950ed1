"""Views of the Atom and JSON feeds: 50 posts to a page (``?before=…``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.views import View

from ..page import feeds, rendering, timeline
from .access import find_access
from .responses import (
    PRIVATE_HEADERS,
    PUBLIC_HEADERS,
    add_headers,
    is_refusal,
    refuse_for,
    to_django,
)


@method_decorator(login_not_required, name="dispatch")  # the view checks access
class FeedView(View):
    """The posts that readers see, newest first."""

    content_type = ""
    render: Callable

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(*args, **kwargs)
        except Exception as error:
            if not is_refusal(error):
                raise
            return to_django(refuse_for(error))

    def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        channel, is_public = find_access(request, channel_id)
        build_url = request.build_absolute_uri
        urls = feeds.FeedURLs(
            page=rendering.get_page_url(channel.page, request),
            base=rendering.get_base_url(channel.page, request),
            feed=build_url(),
        )
        etag = feeds.get_etag(channel, urls)
        response = get_conditional_response(request, etag=etag)
        if response is None:
            before = timeline.parse_position(request.GET.get("before"))
            posts = timeline.get_posts_page(channel.posts.visible(), before)
            next_url = posts.older and build_url(f"?before={posts.older}")
            body = self.render(channel, posts, urls._replace(next=next_url))
            response = HttpResponse(body, content_type=self.content_type)
        # No Last-Modified, since a move leaves no time.
        response["ETag"] = etag
        add_headers(response, PUBLIC_HEADERS if is_public else PRIVATE_HEADERS)
        return response


class JSONFeedView(FeedView):
    content_type = "application/feed+json"
    render = staticmethod(feeds.render_json)


class AtomFeedView(FeedView):
    content_type = "application/atom+xml; charset=utf-8"
    render = staticmethod(feeds.render_atom)
