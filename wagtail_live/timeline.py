"""The posts of a channel in pages, each of which starts after a position.

A position is a post's place in its channel (``LivePost.position``), and not a number of
posts to skip: the older pages of a live blog stay the same while new posts arrive.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from . import cursors
from .models import Channel, LivePost

PAGE_SIZE = 50
POSITION = re.compile(
    r"([0-9]{16})-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)


class Position(NamedTuple):
    value: str
    created: datetime
    post_id: UUID


def parse_position(value: str | None) -> Position | None:
    """The position that ``LivePost.position`` wrote; ``None`` for anything else."""
    match = POSITION.fullmatch(value or "")
    if not match:
        return None
    created = cursors.from_timestamp(int(match[1]) / 1_000_000)
    return Position(value, created, UUID(match[2]))


def newest(
    channel: Channel, *, before: Position | None = None, size: int = PAGE_SIZE
) -> tuple[list[LivePost], bool]:
    """The newest visible posts, older than ``before``; and whether older ones follow."""
    posts = channel.posts.visible().newest_first()
    if before:
        posts = posts.before(before.created, before.post_id)
    page = list(posts[: size + 1])
    return page[:size], len(page) > size
