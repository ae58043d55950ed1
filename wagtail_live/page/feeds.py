"""Atom and JSON Feed of a live page: its posts with edits and deletions, in pages."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

from django.utils.feedgenerator import Atom1Feed, rfc3339_date

from .. import __version__, cursors
from ..models import Channel, LivePost, PostAuthor
from ..text import normalise_values
from . import rendering, updates
from .structured_data import get_publisher
from .timeline import PostsPage

TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
MAX_DELETIONS = 50


class FeedURLs(NamedTuple):
    """The URLs of a feed: of the page, of its site for a page without one, of this part
    of the feed and of the next one."""

    page: str | None
    base: str
    feed: str
    next: str | None = None


def get_etag(channel: Channel, urls: FeedURLs) -> str:
    """Return the ``ETag``, without reading posts: of their latest change and of what a
    feed shows of its page. It is weak, because other pages and images that posts refer to
    may have moved since that change."""
    page = channel.page
    parts = [
        *(__version__, repr(cursors.to_timestamp(channel.seen_updated_at))),
        *(page.title, page.search_description, channel.language),
        *(get_publisher(page)["name"], urls.page, urls.base, urls.feed),
    ]
    return f'W/"{hashlib.sha256(updates.serialise(parts)).hexdigest()[:32]}"'


def render_json(channel: Channel, posts: PostsPage, urls: FeedURLs) -> bytes:
    """Render JSON Feed 1.1."""
    page = channel.page
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": page.title,
        "description": page.search_description,
        "home_page_url": urls.page or urls.base,
        "feed_url": urls.feed,
        "next_url": urls.next,
        "language": channel.language,
        "items": [_json_item(post, urls) for post in posts.posts],
    }
    found = {key: value for key, value in feed.items() if value}
    return updates.serialise(normalise_values(found))


def render_atom(channel: Channel, posts: PostsPage, urls: FeedURLs) -> str:
    """Render Atom (RFC 4287) with deleted entries (RFC 6721)."""
    page = channel.page
    feed = AtomFeed(
        title=page.title,
        link=urls.page or urls.base,
        description="",
        subtitle=page.search_description or None,
        language=channel.language,
        author_name=get_publisher(page)["name"],
        feed_url=urls.feed,
        feed_guid=f"urn:wagtail-live:{channel.channel_id}",
        updated=cursors.to_aware(channel.seen_updated_at),
        next_url=urls.next,
        deletions=[] if posts.before else _deletions(channel),
    )
    for post in posts.posts:
        feed.add_item(
            title=post.headline,
            link=rendering.permalink(urls.page, post) or urls.base,
            description=None,
            content=rendering.render_whole(post, urls.base),
            base=urls.base,
            unique_id=post.pk.urn,
            authors=post.authors,
            pubdate=cursors.to_aware(post.created),
            updateddate=cursors.to_aware(post.modified or post.created),
        )
    return feed.writeString("utf-8")


class AtomFeed(Atom1Feed):
    """Django's Atom feed, with deletions, a next page and content. Characters that XML
    refuses are left out."""

    def __init__(self, **values):
        super().__init__(**normalise_values(values))

    def add_item(self, **values):  # type: ignore[override]
        super().add_item(**normalise_values(values))

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
        for author in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", normalise_values(author.name))
            if url := rendering.profile_url(author, item["base"]):
                handler.addQuickElement("uri", normalise_values(url))
            handler.endElement("author")
        attributes = {"type": "html", "xml:base": item["base"]}
        handler.addQuickElement("content", item["content"], attributes)


def _json_item(post: LivePost, urls: FeedURLs) -> dict:
    item = {
        "id": post.pk.urn,
        "url": rendering.permalink(urls.page, post),
        "title": post.title,
        "content_html": rendering.render_whole(post, urls.base),
        "summary": post.headline,
        "date_published": cursors.to_aware(post.created).isoformat(),
        "date_modified": cursors.to_aware(post.modified or post.created).isoformat(),
        "authors": [_json_author(author, urls) for author in post.authors],
    }
    return {key: value for key, value in item.items() if value}


def _json_author(author: PostAuthor, urls: FeedURLs) -> dict:
    found = {
        "name": author.name,
        "url": rendering.profile_url(author, urls.base),
        "avatar": rendering.avatar_url(author, urls.base),
    }
    return {key: value for key, value in found.items() if value}


def _deletions(channel: Channel) -> list[tuple[str, datetime]]:
    """Return the latest posts that were deleted or hidden after publication."""
    deleted = channel.tombstones.filter(was_published=True).order_by("-deleted_at")
    hidden = channel.posts.withdrawn()
    gone = [(post.post_id.urn, post.deleted_at) for post in deleted[:MAX_DELETIONS]]
    gone += [
        (post.pk.urn, post.updated_at)
        for post in hidden.order_by("-updated_at")[:MAX_DELETIONS]
    ]
    gone.sort(key=lambda entry: entry[1], reverse=True)
    return [(ref, cursors.to_aware(when)) for ref, when in gone[:MAX_DELETIONS]]
