"""Posts as wagtail-live 1.0 stored them: blocks of JSON, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.utils.dateparse import parse_datetime

from .. import cursors
from ..text import normalise_html, normalise_values

MESSAGE_ID_LENGTH = 255


@dataclass(frozen=True)
class StoredPost:
    """A post of 1.0. ``id`` is ``None`` if the stored id is not a UUID."""

    id: UUID | None
    message_id: str
    created: datetime
    modified: datetime | None
    show: bool
    content: list[dict[str, Any]]
    is_draft: bool = False

    @property
    def changed(self) -> datetime:
        return max(self.created, self.modified or self.created)


def read_posts(blocks: list[dict], last_updated_at: datetime) -> list[StoredPost]:
    """Return the posts sorted by time, oldest first. Each gets a unique time.

    Posts of the same time keep the order of 1.0. A post without a time gets that of its
    neighbour, or of the page if no post has one.
    """
    oldest_first = blocks[::-1]
    times = [_read_time(_get_value(block).get("created")) for block in oldest_first]
    created = next(filter(None, times), last_updated_at)
    posts: list[StoredPost] = []
    for block, time in zip(oldest_first, times, strict=True):
        created = time or created
        posts.append(_read_post(block, created))
    posts.sort(key=lambda post: post.created)
    for index, post in enumerate(posts[1:], start=1):
        earliest = posts[index - 1].created + cursors.MICROSECOND
        if post.created < earliest:
            posts[index] = replace(post, created=earliest)
    return posts


def read_drafts(
    content: dict | None,
    published: Iterable[StoredPost],
    page_pk: int,
    last_updated_at: datetime,
) -> list[StoredPost]:
    """Return the posts that are only in an unpublished revision of the page."""
    published = list(published)
    ids = {post.id for post in published if post.id}
    messages = {post.message_id for post in published if post.message_id}

    def is_published(post: StoredPost) -> bool:
        if post.message_id in messages or not ids.isdisjoint(get_ids(post, page_pk)):
            return True
        return not post.id and any(post.content == other.content for other in published)

    posts = read_revision(content, last_updated_at)
    return [replace(post, is_draft=True) for post in posts if not is_published(post)]


def read_revision(content: dict | None, last_updated_at: datetime) -> list[StoredPost]:
    stored = (content or {}).get("live_posts") or []
    blocks = json.loads(stored) if isinstance(stored, str) else stored
    return read_posts(blocks, last_updated_at)


def get_ids(post: StoredPost, page_pk: int) -> list[UUID]:
    """Return the ids that the row of a post may have: its own, or one derived from it if a
    post of another page has it. The page's revisions keep the old id."""
    return [post.id, uuid5(post.id, str(page_pk))] if post.id else []


def is_same_content(row: Any, post: StoredPost) -> bool:
    """Return whether a row has the content that 1.0 stores, and nothing more."""
    contents = [list(map(_write_block, each.content)) for each in (row, post)]
    is_plain = not (row.title or row.author_name or row.is_key_event)
    return is_plain and contents[0] == contents[1]


def write_post(post) -> dict:
    """Return a row as 1.0 stores it, without the fields that 1.0 does not have."""
    return {
        "id": str(post.pk),
        "type": "live_post",
        "value": {
            "message_id": post.message_id or "",
            "created": post.created.isoformat(),
            "modified": post.modified and post.modified.isoformat(),
            "show": post.show,
            "content": [_write_block(block) for block in post.content],
        },
    }


def _get_value(block: dict) -> dict:
    """Return the value of a post; a block of another type is the post's only content."""
    return block["value"] if block["type"] == "live_post" else {"content": [block]}


def _read_post(block: dict, created: datetime) -> StoredPost:
    value = _get_value(block)
    return StoredPost(
        id=_read_id(block.get("id")),
        message_id=str(value.get("message_id") or ""),
        created=created,
        modified=_read_time(value.get("modified")),
        show=bool(value.get("show", True)),
        content=[_read_block(child) for child in value.get("content") or []],
    )


def _read_id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _read_time(text: str | None) -> datetime | None:
    moment = parse_datetime(text) if text else None
    return cursors.to_aware(moment) if moment else None


def _read_block(block: dict) -> dict:
    """Return the block in the current format; 1.0 stored only the id of an image."""
    if block["type"] == "image" and not isinstance(block["value"], dict):
        image = {"image": block["value"], "alt_text": "", "decorative": False}
        return {**block, "value": image}
    if block["type"] == "text" and isinstance(block["value"], str):
        return {**block, "value": normalise_html(block["value"])}
    return normalise_values(block)


def _write_block(block: dict) -> dict:
    if block["type"] == "image" and isinstance(block["value"], dict):
        return {**block, "value": block["value"]["image"]}
    return block
