"""The changes of a channel after a cursor: loaded and serialised.

The cost grows with the number of changes, not with the number of posts; only the full
form of the wire format (``currentPosts``) lists the whole channel.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from .. import cursors
from ..models import Channel, LivePost
from .rendering import (
    find_stage,
    prefetch_blocks,
    render_content,
    render_overview,
    render_post,
    render_posts,
    render_stage,
    stage_logger,
)

__all__ = [
    "Changes",
    "PreparedStage",
    "changes_since",
    "current_posts",
    "find_stage",
    "get_updates_since",
    "handshake",
    "is_empty",
    "is_history_complete",
    "payload",
    "prefetch_blocks",
    "render_content",
    "render_overview",
    "render_post",
    "render_posts",
    "render_stage",
    "serialise",
    "take_stage",
]

MAX_OFFERS = 50
MAX_AGE = 5.0  # seconds: what a template shows can change without being marked


@dataclass(frozen=True)
class Changes:
    """The changes after one cursor, up to and including another, oldest first."""

    posts: list[LivePost]
    removals: list[tuple[datetime, str]]
    is_overview_changed: bool = False
    is_stage_changed: bool = False


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
        list(posts.with_author().order_by("updated_at")[:limit]),
        [(cursor, str(post_id)) for cursor, post_id in sorted(removed)],
        is_overview_changed=since < channel.overview_updated_at <= until,
        is_stage_changed=is_stage_changed(channel, since),
    )


def is_stage_changed(channel: Channel, since: datetime) -> bool:
    """Return whether the stage has changed after a cursor, up to the channel's cursor."""
    changed_at = channel.stage_updated_at
    return changed_at is not None and since < changed_at <= channel.last_updated_at


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

    The lean form (``delta``) is used only if it is complete. ``overview`` adds the parts
    above the posts that have changed.
    """
    changes = changes_since(channel, since)
    answer: dict[str, Any] = {"updates": render_posts(changes.posts)}
    if delta and is_history_complete(channel, since):
        answer["removals"] = [post_id for _, post_id in changes.removals]
    else:
        answer["currentPosts"] = current_posts(channel)
    if overview and changes.is_overview_changed:
        answer |= render_overview(channel)
    if overview and changes.is_stage_changed:
        answer |= find_stage(channel)
    answer["lastUpdateTimestamp"] = cursors.to_timestamp(channel.last_updated_at)
    return answer


def is_empty(answer: dict) -> bool:
    """Return whether readers see no change: drafts advance the cursor, too."""
    has_posts = answer["updates"] or answer.get("removals") != []
    return not has_posts and answer.keys().isdisjoint({"head", "stage"})


def serialise(answer: Any) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


class Offer(NamedTuple):
    """A stage that readers will soon ask for, of a channel at the stage's cursor."""

    stage: dict[str, str]
    made_at: float

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.made_at < MAX_AGE


_offers: dict[tuple[int, datetime | None], Offer] = {}


class PreparedStage:
    """The stage as a writer renders it in the transaction of a change, to compare it and then
    for the readers of this process; ``digest`` is empty if its template fails."""

    def __init__(self, channel: Channel, page: Any):
        self._channel = channel
        self._stage: dict[str, str] = {}
        self.digest = ""
        try:
            # A query that fails in the template must not end the change.
            with transaction.atomic(using=channel._state.db):
                self._stage = render_stage(channel, page)
            self.digest = hashlib.sha256(serialise(self._stage)).hexdigest()
        except Exception:
            stage_logger.exception(
                "The stage of page %s can't be shown.", channel.page_id
            )

    def offer(self) -> None:
        """Keep it for the readers of this process, after the commit."""
        if self.digest:
            while len(_offers) >= MAX_OFFERS:
                _offers.pop(next(iter(_offers)), None)
            key = self._channel.pk, self._channel.stage_updated_at
            _offers[key] = Offer(self._stage, time.monotonic())


def take_stage(channel: Channel) -> dict[str, str]:
    """Return the stage that a writer of this process has just rendered, or render it;
    nothing if its template fails."""
    offer = _offers.pop((channel.pk, channel.stage_updated_at), None)
    return offer.stage if offer and offer.is_fresh else find_stage(channel)
