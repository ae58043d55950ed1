"""Pagination of the posts of a channel: a page begins after a position.

A position is a post's place in its channel (``LivePost.position``), not a number of posts
to skip, so that older pages stay the same while new posts arrive.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from .. import cursors
from ..models import Channel, LivePost, LivePostQuerySet
from .rendering import prefetch_blocks

PAGE_SIZE = 50
POSITION = re.compile(
    r"([0-9]{16})-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)


class Position(NamedTuple):
    value: str
    created: datetime
    post_id: UUID


class PostsPage(NamedTuple):
    """A page of posts, newest first. It begins at ``before``, the next one at ``older``.

    ``before`` is ``None`` on the newest page, ``older`` on the oldest.
    """

    posts: list[LivePost]
    before: str | None
    older: str | None


def parse_position(value: str | None) -> Position | None:
    """Parse a ``LivePost.position``; return ``None`` for anything else."""
    match = POSITION.fullmatch(value or "")
    if not match:
        return None
    created = cursors.at(int(match[1]) / 1_000_000)
    return Position(match[0], created, UUID(match[2]))


def get_posts_page(
    posts: LivePostQuerySet, before: Position | None = None, size: int = PAGE_SIZE
) -> PostsPage:
    """Return the newest of the posts, or those before a position, ready to render."""
    if before:
        posts = posts.before(before.created, before.post_id)
    found = list(posts.newest_first().with_author()[: size + 1])
    older = found[size - 1].position if len(found) > size else None
    found = found[:size]
    prefetch_blocks(found)
    return PostsPage(found, before and before.value, older)


def find_between(channel: Channel, posts: list[LivePost], every: int) -> set[UUID]:
    """Return the ids of the posts after which, newest first, a part between posts comes.

    They are counted from the oldest post of the channel, in one query, so that they stay
    the same while new posts arrive.
    """
    if len(posts) < 2:
        return set()
    newest = posts[0]
    number = channel.posts.visible().before(newest.created, newest.pk).count() + 1
    found = enumerate(posts[:-1])
    return {post.pk for index, post in found if (number - index) % every == 1 % every}


def get_page_around(channel: Channel, post: LivePost) -> PostsPage:
    """Return the page of visible posts with a post in its middle."""
    visible = channel.posts.visible().with_oldest(channel)
    half = PAGE_SIZE // 2
    newer = visible.after(post.created, post.pk).oldest_first()[half : half + 1].first()
    return get_posts_page(visible, newer and parse_position(newer.position))
