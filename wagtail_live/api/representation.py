"""Channels and posts as the API gives them out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wagtail.rich_text import expand_db_html

from .. import cursors
from ..models import Channel, LivePost
from ..page import updates
from ..page.prefetch import prefetch_blocks
from .content import to_json


def version_of(post: LivePost) -> str:
    """The cursor of the post's latest change, as text that loses nothing."""
    return repr(cursors.to_timestamp(post.updated_at))


def etag_of(post: LivePost) -> str:
    return f'"{version_of(post)}"'


def describe_channel(channel: Channel, request=None) -> dict[str, Any]:
    """The page and its state, as readers may know them."""
    page = channel.page
    pinned = channel.pinned_post
    return {
        "channel_id": channel.channel_id,
        "page": {
            "id": page.pk,
            "title": page.title,
            "url": page.get_full_url(request),
            "language": channel.language,
        },
        "state": channel.state,
        "started_at": _iso(channel.started_at),
        "ended_at": _iso(channel.ended_at),
        "summary": expand_db_html(channel.summary),
        "pinned_post": str(pinned.pk) if pinned and pinned.show else None,
        "cursor": cursors.to_timestamp(channel.last_updated_at),
    }


def describe_posts(
    posts: Iterable[LivePost], page_url: str | None
) -> list[dict[str, Any]]:
    posts = list(posts)
    prefetch_blocks(posts)
    return [_describe(post, page_url) for post in posts]


def describe_post(post: LivePost, page_url: str | None) -> dict[str, Any]:
    return describe_posts([post], page_url)[0]


def _describe(post: LivePost, page_url: str | None) -> dict[str, Any]:
    return {
        "id": str(post.pk),
        "version": version_of(post),
        "status": str(post.status),
        "title": post.title,
        "author_name": post.author_name,
        "is_key_event": post.is_key_event,
        "content": to_json(post.content),
        "html": updates.render_content(post),
        "created": _iso(post.created),
        "modified": _iso(post.modified),
        "go_live_at": _iso(post.go_live_at),
        "url": f"{page_url}?post={post.pk}" if page_url else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return cursors.to_aware(moment).isoformat() if moment else None
