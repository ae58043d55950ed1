"""The desk in pieces of HTML, as answers bring them."""

from __future__ import annotations

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.html import format_html_join
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from ... import cursors
from ...models import Channel, LivePost
from ...page import updates
from ..base import DeskRights
from .timeline import source_name


def render_post(post: LivePost, rights: DeskRights) -> str:
    context = {
        "post": post,
        "rights": rights,
        "may_change": rights.may_change(post),
        "content": updates.render_content(post),
        "author": post.author_name or (post.author and user_display_name(post.author)),
        "source": source_name(post.source),
        "version": version_of(post),
    }
    return render_to_string("wagtail_live/desk/post.html", context)


def render_posts(posts: Iterable[LivePost], rights: DeskRights) -> str:
    return format_html_join("", "{}", ((render_post(post, rights),) for post in posts))


def render_head(channel: Channel, rights: DeskRights) -> dict:
    """State and key points, and which post is pinned."""
    context = {"channel": channel, "rights": rights}
    return {
        "html": render_to_string("wagtail_live/desk/head.html", context),
        "pinned": channel.pinned_post_id and str(channel.pinned_post_id),
    }


def count_waiting(channel: Channel, rights: DeskRights) -> int:
    """How many posts wait for this user to publish them or not."""
    return channel.posts.submitted().count() if rights.may_publish else 0


def describe(post: LivePost, rights: DeskRights) -> dict:
    """A post as answers bring it."""
    return {
        "id": str(post.pk),
        "position": post.position,
        "version": version_of(post),
        "html": render_post(post, rights),
    }


def parse_version(value: str | None):
    """Return the version in a request, or ``None`` where it has no valid one."""
    try:
        return cursors.parse([value or ""])
    except cursors.InvalidCursor:
        return None


def version_of(post: LivePost) -> str:
    """What ``parse_version`` reads: the cursor of the post's latest change."""
    return repr(cursors.to_timestamp(post.updated_at))
