"""The posts of a channel in pages, each of which starts after a position.

A position is a post's place in its channel (``LivePost.position``), and not a number of
posts to skip: the older pages of a live blog stay the same while new posts arrive.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from .. import cursors
from ..models import Channel, LivePost
from .prefetch import prefetch_blocks

PAGE_SIZE = 50
POSITION = re.compile(
    r"([0-9]{16})-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)


class Position(NamedTuple):
    value: str
    created: datetime
    post_id: UUID


class TimelinePage(NamedTuple):
    """Some posts, newest first, and the positions where newer and older ones begin.

    ``before`` is ``None`` on the newest page, ``older`` on the oldest.
    """

    posts: list[LivePost]
    before: str | None
    older: str | None


def parse_position(value: str | None) -> Position | None:
    """The position that ``LivePost.position`` wrote; ``None`` for anything else."""
    match = POSITION.fullmatch(value or "")
    if not match:
        return None
    created = cursors.from_timestamp(int(match[1]) / 1_000_000)
    return Position(match[0], created, UUID(match[2]))


def get_page(
    channel: Channel, before: Position | None = None, size: int = PAGE_SIZE
) -> TimelinePage:
    """The newest posts that readers see, or those before a position."""
    posts = channel.posts.visible().newest_first().select_related("author")
    if before:
        posts = posts.before(before.created, before.post_id)
    posts = list(posts[: size + 1])
    has_older = len(posts) > size
    posts = posts[:size]
    prefetch_blocks(posts)
    older = posts[-1].position if has_older else None
    return TimelinePage(posts, before and before.value, older)


def get_page_around(
    channel: Channel, post: LivePost, size: int = PAGE_SIZE
) -> TimelinePage:
    """The page that has a post in its middle."""
    visible = channel.posts.visible()
    newer = visible.after(post.created, post.pk).oldest_first()
    newer = list(newer[: size // 2 + 1])
    has_newer = len(newer) > size // 2
    before = parse_position(newer[-1].position) if has_newer else None
    return get_page(channel, before, size)
