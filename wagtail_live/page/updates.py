"""The changes of a channel after a cursor: loaded, rendered and serialised.

The cost grows with the number of changes, not with the number of posts; only the full
form of the wire format (``currentPosts``) lists the whole channel.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from wagtail.embeds.models import Embed
from wagtail.images.models import AbstractImage

from .. import cursors
from ..blocks import IMAGE_SPECS, PREVIEW_SPECS, StoredEmbedValue
from ..models import Channel, LivePost
from ..text import normalise_values

logger = logging.getLogger("wagtail_live.images")

MAX_KEY_EVENTS = 100


@dataclass(frozen=True)
class Changes:
    """The changes after one cursor, up to and including another, oldest first."""

    posts: list[LivePost]
    removals: list[tuple[datetime, str]]
    is_overview_changed: bool = False


def changes_since(
    channel: Channel,
    since: datetime,
    *,
    with_drafts: bool = False,
    limit: int | None = None,
) -> Changes:
    """Return the changes up to the channel's cursor, in three queries at most.

    Read ``channel`` before: commits after that belong to the next changes. Without drafts,
    as for readers, a hidden post is a removal. ``limit`` is the maximum number of posts
    and of removals.
    """
    until = channel.last_updated_at
    changed = channel.posts.filter(updated_at__gt=since, updated_at__lte=until)
    deleted = channel.tombstones.filter(deleted_at__gt=since, deleted_at__lte=until)
    posts = changed
    removed: list[tuple[datetime, UUID]] = []
    if not with_drafts:
        posts = changed.visible()
        deleted = deleted.filter(was_published=True)
        hidden = changed.withdrawn()
        removed += hidden.values_list("updated_at", "id").order_by("updated_at")[:limit]
    removed += deleted.values_list("deleted_at", "post_id").order_by("deleted_at")[
        :limit
    ]
    return Changes(
        list(posts.select_related("author").order_by("updated_at")[:limit]),
        [(cursor, str(post_id)) for cursor, post_id in sorted(removed)],
        is_overview_changed=since < channel.overview_updated_at <= until,
    )


def is_history_complete(channel: Channel, since: datetime) -> bool:
    """Return whether all changes since a cursor are known.

    They are not if the cursor is older than the last purge of tombstones, or if the channel
    has not reached it, as after a restore from a backup.
    """
    purged_at = channel.tombstones_purged_at
    is_purged = purged_at is not None and since < purged_at
    return not is_purged and since <= channel.last_updated_at


def get_updates_since(channel: Channel, since: datetime) -> tuple[dict, list[str]]:
    """Return ``(updated posts by id, ids of all visible posts)``, both oldest first."""
    return render_posts(changes_since(channel, since).posts), current_posts(channel)


def current_posts(channel: Channel) -> list[str]:
    """Return the ids of all posts that readers see, oldest first."""
    ids = channel.posts.visible().oldest_first().values_list("id", flat=True)
    return [str(post_id) for post_id in ids]


def handshake(channel: Channel) -> dict:
    """Return the initial state for a client, newest post first."""
    return {
        "livePosts": current_posts(channel)[::-1],
        "lastUpdateTimestamp": cursors.to_timestamp(channel.last_updated_at),
    }


def payload(
    channel: Channel, since: datetime, *, delta: bool = False, overview: bool = False
) -> dict:
    """Return the answer to a reader at a cursor.

    The lean form (``delta``) is used only if it is complete. ``overview`` adds the part
    above the posts, if it has changed.
    """
    changes = changes_since(channel, since)
    answer: dict[str, Any] = {"updates": render_posts(changes.posts)}
    if delta and is_history_complete(channel, since):
        answer["removals"] = [post_id for _, post_id in changes.removals]
    else:
        answer["currentPosts"] = current_posts(channel)
    if overview and changes.is_overview_changed:
        answer |= render_overview(channel)
    answer["lastUpdateTimestamp"] = cursors.to_timestamp(channel.last_updated_at)
    return answer


def is_empty(answer: dict) -> bool:
    """Return whether readers see no change: drafts advance the cursor, too."""
    has_posts = answer["updates"] or answer.get("removals") != []
    return not has_posts and "head" not in answer


def serialise(answer: Any) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def prefetch_blocks(posts: Sequence[LivePost]) -> None:
    """Resolve the blocks of all posts together, then the renditions of their images, and
    their embeds."""
    positions = defaultdict(list)
    for post in posts:
        for index, raw in enumerate(post.content.raw_data):
            positions[raw["type"]].append((post.content, index, raw))
    values = []
    for name, found in positions.items():
        block = LivePost._meta.get_field("content").stream_block.child_blocks.get(name)
        if block is None:
            continue  # a block that the site no longer offers
        resolved = block.bulk_to_python([raw["value"] for _, _, raw in found])
        for (content, index, raw), value in zip(found, resolved, strict=True):
            content[index] = name, value, raw.get("id")
        values += resolved
    _prefetch_renditions([each for each in values if isinstance(each, AbstractImage)])
    _prefetch_embeds([each for each in values if isinstance(each, StoredEmbedValue)])


def _prefetch_renditions(images: list[AbstractImage]) -> None:
    if images:
        renditions = images[0].get_rendition_model().objects
        specs = [*IMAGE_SPECS, *PREVIEW_SPECS]
        queryset = renditions.filter(filter_spec__in=specs)
        prefetch_related_objects(
            images, Prefetch("renditions", queryset, to_attr="prefetched_renditions")
        )


def _prefetch_embeds(embeds: list[StoredEmbedValue]) -> None:
    if embeds:
        hashes = {embed.hash for embed in embeds}
        stored = Embed.objects.in_bulk(hashes, field_name="hash")
        for embed in embeds:
            embed.stored = stored.get(embed.hash)


def render_posts(posts: Sequence[LivePost]) -> dict[str, dict]:
    """Render posts for ``updates``: by id, in the given order."""
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
    """Render a post, in the same way for the page and for updates."""
    prefix = "pinned-" if is_pinned else ""
    context = {
        "post": post,
        "is_pinned": is_pinned,
        "version": repr(cursors.to_timestamp(post.updated_at)),
        "label_id": f"{prefix}live-post-label-{post.pk}",
    }
    context["blocks"] = partial(_render_blocks, context)
    return _render("wagtail_live/live_post.html", context, post.channel.language)


def render_content(post: LivePost) -> SafeString:
    """Render only the content of a post."""
    context: dict[str, Any] = {"post": post}
    context["blocks"] = partial(_render_blocks, context)
    template = "wagtail_live/live_post_content.html"
    return _render(template, context, post.channel.language)


def _render_blocks(context: dict[str, Any]) -> Iterator[str]:
    """Render the blocks of a post, but for a site's own whose image can't be opened."""
    for block in context["post"].content:
        try:
            yield block.render_as_block(context)
        except OSError as error:
            logger.warning("A block can't be shown: %s", type(error).__name__)


def render_overview(channel: Channel) -> dict[str, str]:
    """Render the part above the posts, in the form that answers include."""
    pinned = channel.pinned_post
    key_events = channel.posts.visible().key_events().newest_first()[:MAX_KEY_EVENTS]
    context = {
        "channel": channel,
        "pinned_post": pinned if pinned and pinned.show else None,
        "key_events": key_events,
    }
    html = _render("wagtail_live/head.html", context, channel.language)
    return {"head": html, "state": channel.state}


def _render(template: str, context: dict, language: str) -> SafeString:
    """Render for all readers: in the page's language and the site's time zone."""
    with (
        translation.override(language),
        timezone.override(timezone.get_default_timezone()),
    ):
        html = render_to_string(template, context).strip()
    # What was stored by other ways may have characters that UTF-8 or XML refuse.
    return mark_safe(normalise_values(html))  # noqa: S308
