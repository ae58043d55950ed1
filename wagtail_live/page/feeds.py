"""Atom and JSON Feed of a live page, with edits, deletions, and pages by cursor."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.feedgenerator import Atom1Feed, rfc3339_date
from django.utils.http import http_date
from django.views import View

from .. import cursors
from ..delivery import access
from ..delivery.responses import PRIVATE, PUBLIC, not_found
from ..models import Channel, LivePost
from . import timeline, updates
from .structured_data import get_publisher

TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
MOST_DELETIONS = 50


class FeedView(View):
    """The posts that readers see, newest first, 50 to a page (``?before=…``)."""

    content_type = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view: Any = super().as_view(**initkwargs)
        view.login_required = False  # access is asked
        return view

    def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        found = access.find(request, channel_id)
        if found is None:
            return not_found()
        channel, is_public = found
        last_modified = cursors.to_timestamp(channel.seen_updated_at)
        etag = f'"{last_modified!r}"'
        response = get_conditional_response(request, etag=etag)
        if response is None:
            before = timeline.parse_position(request.GET.get("before"))
            timeline_page = timeline.get_page(channel, before)
            response = HttpResponse(
                self.render(channel, timeline_page), content_type=self.content_type
            )
            response["ETag"] = etag
            response["Last-Modified"] = http_date(int(last_modified))
        response["Cache-Control"] = PUBLIC if is_public else PRIVATE
        if not is_public:
            patch_vary_headers(response, ["Cookie"])
        return response

    def render(self, channel: Channel, timeline_page: timeline.TimelinePage) -> bytes:
        raise NotImplementedError

    def next_url(self, timeline_page: timeline.TimelinePage) -> str | None:
        if timeline_page.older is None:
            return None
        return self.request.build_absolute_uri(f"?before={timeline_page.older}")


class JSONFeedView(FeedView):
    """JSON Feed 1.1."""

    content_type = "application/feed+json"

    def render(self, channel, timeline_page):
        page_url = channel.page.get_full_url(self.request)
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": channel.page.title,
            "description": channel.page.search_description,
            "home_page_url": page_url,
            "feed_url": self.request.build_absolute_uri(),
            "next_url": self.next_url(timeline_page),
            "language": channel.page.locale.language_code,
            "items": [_json_item(post, page_url) for post in timeline_page.posts],
        }
        return updates.serialise({key: value for key, value in feed.items() if value})


class AtomFeedView(FeedView):
    """Atom (RFC 4287) with deleted entries (RFC 6721)."""

    content_type = "application/atom+xml; charset=utf-8"

    def render(self, channel, timeline_page):
        page = channel.page
        page_url = page.get_full_url(self.request)
        feed = Feed(
            title=page.title,
            link=page_url,
            description="",
            subtitle=page.search_description or None,
            language=page.locale.language_code,
            author_name=get_publisher(page)["name"],
            feed_url=self.request.build_absolute_uri(),
            feed_guid=f"urn:wagtail-live:{channel.channel_id}",
            updated=cursors.to_aware(channel.seen_updated_at),
            next_url=self.next_url(timeline_page),
            deletions=[] if timeline_page.before else _deletions(channel),
        )
        for post in timeline_page.posts:
            feed.add_item(
                title=post.headline,
                link=permalink(page_url, post),
                description=None,  # type: ignore[arg-type]
                content=updates.render_content(post),
                base=page_url,
                unique_id=post.pk.urn,
                author_name=post.author_name or None,
                pubdate=cursors.to_aware(post.created),
                updateddate=cursors.to_aware(post.modified or post.created),
            )
        return feed.writeString("utf-8")


class Feed(Atom1Feed):
    """Django's Atom feed, with what it leaves out."""

    def latest_post_date(self):
        return self.feed["updated"]

    def root_attributes(self):
        return {**super().root_attributes(), "xmlns:at": TOMBSTONES}

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        if self.feed["next_url"]:
            link = {"rel": "next", "href": self.feed["next_url"]}
            handler.addQuickElement("link", "", link)
        for ref, when in self.feed["deletions"]:
            attributes = {"ref": ref, "when": rfc3339_date(when)}
            handler.addQuickElement("at:deleted-entry", "", attributes)

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        attributes = {"type": "html", "xml:base": item["base"]}
        handler.addQuickElement("content", item["content"], attributes)


def permalink(page_url: str, post: LivePost) -> str:
    return f"{page_url}?post={post.pk}"


def _json_item(post: LivePost, page_url: str) -> dict:
    item = {
        "id": post.pk.urn,
        "url": permalink(page_url, post),
        "title": post.title,
        "content_html": updates.render_content(post),
        "summary": post.headline,
        "date_published": cursors.to_aware(post.created).isoformat(),
        "date_modified": cursors.to_aware(post.modified or post.created).isoformat(),
        "authors": [{"name": post.author_name}] if post.author_name else None,
    }
    return {key: value for key, value in item.items() if value}


def _deletions(channel: Channel) -> list[tuple[str, object]]:
    """The posts that readers have seen and see no longer, deleted or hidden."""
    deleted = channel.tombstones.filter(was_published=True).order_by("-deleted_at")
    hidden = channel.posts.filter(show=False, first_published_at__isnull=False)
    gone = [(post.post_id.urn, post.deleted_at) for post in deleted[:MOST_DELETIONS]]
    gone += [
        (post.pk.urn, post.updated_at)
        for post in hidden.order_by("-updated_at")[:MOST_DELETIONS]
    ]
    gone.sort(key=lambda entry: entry[1], reverse=True)
    return [(ref, cursors.to_aware(when)) for ref, when in gone[:MOST_DELETIONS]]
