"""The answers to readers with old or unknown cursors, shared within a process.

Loading a channel for them is dear, and anyone can ask with any cursor. So a channel is
loaded at most once for each of its cursors, for all readers and formats; readers who come
meanwhile wait for it, a limited number of them.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from django.db import router, transaction

from ..background import after_fork
from ..models import Channel
from ..page import updates
from .access import Unavailable
from .history import (
    MAX_ANSWERS,
    MAX_KEPT_ANSWER,
    Backlog,
    Change,
    RecentChanges,
    load_changes,
    render_entries,
    render_overview,
    render_stage,
    sort,
)
from .wire import Answer, WireFormat, build_answer, build_body

PAGE_SIZE = 50  # posts, as many as the page shows
MAX_CHANNELS = 50
IDLE_TIMEOUT = 60.0  # seconds that a channel is remembered without a reader
MAX_THREADS = 64  # that load, or wait for a load


Key: TypeAlias = tuple[int, str]


def get_key(channel: Channel) -> Key:
    return channel.pk, channel.channel_id


class Snapshot:
    """The ids of all posts, and on demand the newest page and the parts above it, at a
    cursor.

    What has changed since ``channel`` was read is left out of the page: the next answer
    has it, and nobody has checked access to it.
    """

    def __init__(self, channel: Channel):
        self.cursor = channel.last_updated_at
        self.post_ids = updates.serialise(updates.current_posts(channel))
        self.page: list[Change] | None = None
        self.parts = b""

    def load_page(self, channel: Channel, known: Mapping[str, Change]) -> list[Change]:
        """Load the newest page and what is above it; render the posts that are not known."""
        posts = channel.posts.visible().filter(updated_at__lte=self.cursor)
        newest = posts.newest_first().with_author()[:PAGE_SIZE]
        parts = filter(None, [render_overview(channel), render_stage(channel)])
        self.parts = b"".join(change.part for change in parts)
        return sort(render_entries(newest, known))


class History:
    """The recent changes and the state of a channel. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: RecentChanges | None = None
        self._backlog: Backlog | None = None
        self._snapshot: Snapshot | None = None
        self._page: dict[str, Change] = {}  # as it was rendered last
        self._answers: dict[tuple[datetime | None, WireFormat], Answer] = {}
        self.used_at = time.monotonic()

    def answer(
        self, channel: Channel, since: datetime, wire_format: WireFormat
    ) -> Answer | None:
        """Return the answer to a reader, and load what is missing; ``None`` if the channel
        has changed since it was read."""
        with self._lock:
            recent = self._catch_up(channel)
            if recent is None:
                return None
            return self._compose(recent, since, wire_format, channel)

    def recall(
        self, cursor: datetime, since: datetime, wire_format: WireFormat
    ) -> Answer | None:
        """Return the answer at the channel's cursor if it needs neither a query nor a
        wait."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            recent = self._recent
            if recent is None or recent.cursor != cursor:
                return None
            return self._compose(recent, since, wire_format)
        finally:
            self._lock.release()

    def _catch_up(self, channel: Channel) -> RecentChanges | None:
        """Return the recent changes up to the cursor of ``channel``; ``None`` if they are
        newer, because another thread has read it later."""
        recent = self._recent
        if recent and channel.last_updated_at < recent.cursor:
            channel.refresh_from_db(fields=["last_updated_at", "tombstones_purged_at"])
            if channel.last_updated_at >= recent.cursor:
                return None
            # Otherwise a backup has been restored.
        changes = load_changes(recent, channel)
        if recent is None or changes is None:
            self._recent = recent = RecentChanges(channel.last_updated_at)
            self._backlog = None
        elif recent.cursor != channel.last_updated_at:
            recent.extend(changes, channel.last_updated_at)
        return recent

    def _compose(
        self,
        recent: RecentChanges,
        since: datetime,
        wire_format: WireFormat,
        channel: Channel | None = None,
    ) -> Answer | None:
        """Return the answer; without ``channel``, only if nothing has to be loaded."""
        if since < recent.start and not self._reach_back(recent, since, channel):
            return None
        if answer := recent.answer(since, wire_format):
            return answer
        snapshot = self._snapshot
        if snapshot is None or snapshot.cursor != recent.cursor:
            if channel is None:
                return None
            self._snapshot = snapshot = Snapshot(channel)
            self._answers.clear()
        if not wire_format.is_lean and since >= recent.start:
            changes = recent.after(since)
            parts = b"".join(change.part for change in changes)
            cursor = recent.find(since)
            return self._build(snapshot, changes, wire_format, parts, cursor)
        if snapshot.page is None:
            if channel is None:
                return None
            snapshot.page = snapshot.load_page(channel, self._page | recent.by_post)
            self._page = {change.post_id: change for change in snapshot.page}
        return self._build(snapshot, snapshot.page, wire_format, snapshot.parts)

    def _reach_back(
        self, recent: RecentChanges, since: datetime, channel: Channel | None
    ) -> bool:
        """Add the changes since an old cursor, unless there are too many; return whether
        that is done."""
        if channel and self._backlog is None:
            self._backlog = Backlog(channel, recent.start)
        if self._backlog is None:
            return False
        if self._backlog.reaches(recent, since):
            if channel is None:
                return False
            self._backlog.move(recent, since, channel)
        return True

    def _build(
        self,
        snapshot: Snapshot,
        changes: list[Change],
        wire_format: WireFormat,
        parts: bytes,
        since: datetime | None = None,
    ) -> Answer:
        """Build an answer with the ids of all posts, or return the one that was built.
        Without ``since``, it is for all readers whose cursor is too old or unknown."""
        key = since, wire_format
        answer = self._answers.get(key)
        if answer is None:
            body = build_body(
                [change.post for change in changes if change.post],
                snapshot.cursor,
                current_posts=snapshot.post_ids,
                overview=parts if wire_format.has_overview else b"",
            )
            answer = build_answer(body, wire_format, snapshot.cursor)
            is_small = len(body) <= MAX_KEPT_ANSWER and len(self._answers) < MAX_ANSWERS
            if is_small or since is None:
                self._answers[key] = answer
        return answer


class Histories:
    """The histories of the channels that readers asked for last. Thread-safe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._threads = threading.BoundedSemaphore(MAX_THREADS)
        self._histories: OrderedDict[Key, History] = OrderedDict()

    def answer(
        self, channel: Channel, since: datetime, wire_format: WireFormat
    ) -> Answer | None:
        """Return the answer to a reader; ``None`` if the channel has changed since it was
        read, and access must be checked again. Raise ``Unavailable`` in a crowd."""
        threads = self._threads
        if not threads.acquire(blocking=False):
            raise Unavailable
        try:
            return self._get(channel).answer(channel, since, wire_format)
        except Channel.DoesNotExist:  # deleted meanwhile
            return None
        finally:
            threads.release()

    def find(self, key: Key | None) -> History | None:
        return self._histories.get(key) if key else None

    def _get(self, channel: Channel) -> History:
        using = router.db_for_read(Channel, instance=channel)
        if transaction.get_connection(using).in_atomic_block:
            return History()  # other threads do not see what this one sees, as in tests
        now = time.monotonic()
        key = get_key(channel)
        with self._lock:
            history = self._histories.setdefault(key, History())
            history.used_at = now
            self._histories.move_to_end(key)
            while (
                len(self._histories) > MAX_CHANNELS
                or now - next(iter(self._histories.values())).used_at > IDLE_TIMEOUT
            ):
                self._histories.popitem(last=False)
        return history


histories = Histories()
after_fork(histories.reset)
