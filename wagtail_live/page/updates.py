"""What changed in a channel after a cursor: loaded, rendered and serialised once.

The cost grows with the number of changes, not with the number of posts; only the full
form of the wire format (``currentPosts``) lists the whole channel.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from .. import cursors
from ..models import Channel, LivePost
from .prefetch import prefetch_blocks

MOST_KEY_EVENTS = 100


@dataclass(frozen=True)
class Changes:
    """What changed after one cursor, up to and including another, oldest first."""

    posts: list[LivePost]
    removals: list[tuple[datetime, str]]
    is_head_changed: bool = False


def changes_between(channel: Channel, since: datetime, until: datetime) -> Changes:
    """Three queries at most, whatever the number of posts in the channel."""
    changed = channel.posts.filter(updated_at__gt=since, updated_at__lte=until)
    posts = list(changed.visible().order_by("updated_at"))
    hidden = changed.filter(show=False, first_published_at__isnull=False)
    deleted = channel.tombstones.filter(
        deleted_at__gt=since, deleted_at__lte=until, was_published=True
    )
    removed = sorted(
        [
            *hidden.values_list("updated_at", "id"),
            *deleted.values_list("deleted_at", "post_id"),
        ]
    )
    return Changes(
        posts,
        [(cursor, str(post_id)) for cursor, post_id in removed],
        is_head_changed=since < channel.head_updated_at <= until,
    )


def get_updates_since(channel: Channel, since: datetime) -> tuple[dict, list[str]]:
    """``(updated posts by id, ids of all visible posts)``, both oldest first."""
    changes = changes_between(channel, since, channel.last_updated_at)
    return render_posts(changes.posts), current_posts(channel)


def current_posts(channel: Channel) -> list[str]:
    """The ids of all posts that readers see, oldest first."""
    ids = channel.posts.visible().oldest_first().values_list("id", flat=True)
    return [str(post_id) for post_id in ids]


def handshake(channel: Channel) -> dict:
    """What a client of the wire format starts with; the newest post comes first."""
    return {
        "livePosts": current_posts(channel)[::-1],
        "lastUpdateTimestamp": cursors.to_timestamp(channel.last_updated_at),
    }


def payload(
    channel: Channel, since: datetime, *, delta: bool = False, head: bool = False
) -> dict:
    """The answer to a reader at a cursor; with ``head`` also what stands above the
    posts, where that has changed.

    ``channel`` is as it was read before: its cursor bounds the answer, so that whatever
    is committed meanwhile belongs to the next one. The lean form (``delta``) is given
    only where it is complete: not for a cursor older than the purge of tombstones, nor
    for one that this channel has not reached.
    """
    changes = changes_between(channel, since, channel.last_updated_at)
    answer: dict[str, Any] = {"updates": render_posts(changes.posts)}
    if delta and _remembers(channel, since):
        answer["removals"] = [post_id for _, post_id in changes.removals]
    else:
        answer["currentPosts"] = current_posts(channel)
    if head and changes.is_head_changed:
        answer |= render_head(channel)
    answer["lastUpdateTimestamp"] = cursors.to_timestamp(channel.last_updated_at)
    return answer


def is_empty(answer: dict) -> bool:
    """Whether a lean answer tells a reader nothing: a draft moves the cursor, too."""
    tells_posts = answer["updates"] or answer.get("removals") != []
    return not tells_posts and "head" not in answer


def serialise(answer: Any) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def render_posts(posts: Sequence[LivePost]) -> dict[str, dict]:
    """The posts as they stand in ``updates``: by id, in the given order."""
    prefetch_blocks(posts)
    return {
        str(post.pk): {
            "show": True,
            "content": render_post(post),
            "created": cursors.to_timestamp(post.created),
            "modified": post.modified and cursors.to_timestamp(post.modified),
        }
        for post in posts
    }


def render_post(post: LivePost, *, is_pinned: bool = False) -> SafeString:
    """The HTML of a post, in the page as in every update."""
    prefix = "pinned-" if is_pinned else ""
    context = {
        "post": post,
        "is_pinned": is_pinned,
        "version": repr(cursors.to_timestamp(post.updated_at)),
        "label_id": f"{prefix}live-post-label-{post.pk}",
    }
    return _render("wagtail_live/live_post.html", context, post.channel.language)


def render_content(post: LivePost) -> SafeString:
    """What the post says, without what stands around it."""
    template = "wagtail_live/live_post_content.html"
    return _render(template, {"post": post}, post.channel.language)


def render_head(channel: Channel) -> dict[str, str]:
    """What stands above the posts, as an answer brings it where it has changed."""
    key_events = channel.posts.visible().key_events().newest_first()[:MOST_KEY_EVENTS]
    context = {
        "channel": channel,
        "pinned_post": _visible(channel.pinned_post),
        "key_events": key_events,
    }
    html = _render("wagtail_live/head.html", context, channel.language)
    return {"head": html, "state": channel.state}


def _visible(post: LivePost | None) -> LivePost | None:
    return post if post and post.show else None


def _render(template: str, context: dict, language: str) -> SafeString:
    """The same for every reader: in the page's language and the site's time zone."""
    with (
        translation.override(language),
        timezone.override(timezone.get_default_timezone()),
    ):
        return mark_safe(render_to_string(template, context).strip())  # noqa: S308


def _remembers(channel: Channel, since: datetime) -> bool:
    purged_at = channel.tombstones_purged_at
    is_purged = purged_at is not None and since < purged_at
    return not is_purged and since <= channel.last_updated_at
