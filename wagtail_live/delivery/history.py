"""The recent changes of a channel: rendered once, serialised once for each format."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from .. import cursors
from ..models import Channel, LivePost
from ..page import updates
from .wire import Answer, WireFormat, build_answer, build_body

MAX_CHANGES = 200
MAX_BYTES = 1024 * 1024
MAX_ANSWERS = 64
MAX_KEPT_ANSWER = 64 * 1024
OVERVIEW, STAGE = "overview", "stage"  # stand for a post's id
PARTS = {OVERVIEW, STAGE}


class Change(NamedTuple):
    """The latest change of one post; ``entry`` is ``None`` for a removal."""

    post_id: str
    cursor: datetime
    entry: bytes | None

    @property
    def post(self) -> bytes | None:
        """The entry of a post that readers see."""
        return None if self.post_id in PARTS else self.entry

    @property
    def part(self) -> bytes:
        """The entry of a part above the posts."""
        return (self.entry or b"") if self.post_id in PARTS else b""

    @property
    def size(self) -> int:
        return len(self.entry or b"")


def render_changes(channel: Channel, changes: updates.Changes) -> list[Change]:
    """Render and serialise the changes, oldest first."""
    rendered = render_entries(changes.posts, {})
    rendered += [Change(post_id, cursor, None) for cursor, post_id in changes.removals]
    if changes.is_overview_changed:
        rendered += filter(None, [render_overview(channel)])
    if changes.is_stage_changed:
        rendered += filter(None, [render_stage(channel)])
    return sort(rendered)


def render_entries(
    posts: Iterable[LivePost], known: Mapping[str, Change]
) -> list[Change]:
    """Render and serialise the posts, except for those that are known."""
    rendered, unknown = [], []
    for post in posts:
        change = known.get(str(post.pk))
        if change and change.entry is not None and change.cursor == post.updated_at:
            rendered.append(change)
        else:
            unknown.append(post)
    entries = updates.render_posts(unknown)
    for post, (post_id, entry) in zip(unknown, entries.items(), strict=True):
        serialised = updates.serialise({post_id: entry})[1:-1]
        rendered.append(Change(post_id, post.updated_at, serialised))
    return rendered


def sort(changes: Iterable[Change]) -> list[Change]:
    """Return the changes, oldest first."""
    return sorted(changes, key=lambda change: change.cursor)


def render_overview(channel: Channel) -> Change | None:
    """Render and serialise the part above the posts; ``None`` if it has changed since
    ``channel`` was read: the next answer has it, and nobody has checked access to it."""
    current = Channel.objects.get(pk=channel.pk)
    overview = updates.serialise(updates.render_overview(current))[1:-1]
    current.refresh_from_db(fields=["overview_updated_at"])
    if current.overview_updated_at > channel.last_updated_at:
        return None
    return Change(OVERVIEW, current.overview_updated_at, b"," + overview)


def render_stage(channel: Channel) -> Change | None:
    """Render and serialise the stage; ``None`` as in ``render_overview``, or if it can't
    be shown."""
    current = Channel.objects.select_related("page").get(pk=channel.pk)
    found = updates.take_stage(current)
    stage = updates.serialise(found)[1:-1]
    current.refresh_from_db(fields=["stage_updated_at"])
    changed_at = current.stage_updated_at
    if not found or (changed_at and changed_at > channel.last_updated_at):
        return None
    return Change(STAGE, changed_at or channel.last_updated_at, b"," + stage)


def load_changes(recent: RecentChanges | None, channel: Channel) -> list[Change] | None:
    """Load and render the changes after the recent ones; ``None`` if some are missing, or
    if they are more than a hub remembers."""
    if recent is None or not updates.is_history_complete(channel, recent.cursor):
        return None
    if recent.cursor == channel.last_updated_at:
        return []
    changes = updates.changes_since(channel, recent.cursor, limit=MAX_CHANGES + 1)
    if len(changes.posts) + len(changes.removals) > MAX_CHANGES:
        return None
    return render_changes(channel, changes)


class RecentChanges:
    """The changes of a channel between two cursors, oldest first, and bounded.

    They are complete for readers whose cursor is between ``start`` and ``cursor``. All
    readers between two changes get the same answer. Not thread-safe.
    """

    def __init__(self, cursor: datetime):
        self.start = self.cursor = cursor
        self.by_post: OrderedDict[str, Change] = OrderedDict()
        self._size = 0
        self._cursors: list[datetime] = []
        self._answers: dict[tuple[datetime, WireFormat], Answer] = {}

    def extend(self, changes: Iterable[Change], until: datetime) -> None:
        """Add the changes after ``cursor``, up to and including ``until``."""
        for change in changes:
            self._drop(change.post_id)
            self._add(change)
        self.cursor = until
        self._shorten()

    def prepend(self, changes: Iterable[Change], start: datetime) -> None:
        """Add the changes after ``start`` that other changes have not replaced."""
        newer, self.by_post = self.by_post, OrderedDict()
        for change in changes:
            self._add(change)
        self.by_post |= newer
        self.start = start
        self._shorten()

    def covers(self, since: datetime) -> bool:
        return self.start <= since <= self.cursor

    def after(self, since: datetime) -> list[Change]:
        return list(self.by_post.values())[bisect_right(self._cursors, since) :]

    def find(self, since: datetime) -> datetime:
        """Return the cursor of the last change up to a cursor: equal for equal answers."""
        position = bisect_right(self._cursors, since)
        return self._cursors[position - 1] if position else self.start

    def answer(self, since: datetime, wire_format: WireFormat) -> Answer | None:
        """Return the lean answer to a reader; ``None`` if it takes more than the changes."""
        if not (wire_format.is_lean and self.covers(since)):
            return None
        key = self.find(since), wire_format
        answer = self._answers.get(key)
        if answer is None:
            answer = self._compose(since, wire_format)
            if len(answer.body) <= MAX_KEPT_ANSWER:
                if len(self._answers) >= MAX_ANSWERS:
                    del self._answers[next(iter(self._answers))]
                self._answers[key] = answer
        return answer

    def _compose(self, since: datetime, wire_format: WireFormat) -> Answer:
        entries, removals, overview = [], [], b""
        for change in self.after(since):
            if change.post:
                entries.append(change.post)
            elif change.entry is None:
                removals.append(change.post_id)
            elif wire_format.has_overview:
                overview += change.entry
        if not entries and not removals and not overview:
            return Answer(b"", self.cursor)
        body = build_body(entries, self.cursor, removals=removals, overview=overview)
        return build_answer(body, wire_format, self.cursor)

    def _shorten(self) -> None:
        while len(self.by_post) > MAX_CHANGES or self._size > MAX_BYTES:
            self.start = self._drop(next(iter(self.by_post))).cursor
        self._cursors = [change.cursor for change in self.by_post.values()]
        self._answers.clear()

    def _add(self, change: Change) -> None:
        self.by_post[change.post_id] = change
        self._size += change.size

    def _drop(self, post_id: str) -> Change | None:
        change = self.by_post.pop(post_id, None)
        if change:
            self._size -= change.size
        return change


class Row(NamedTuple):
    """A change that is not rendered yet."""

    cursor: datetime
    post_id: str
    is_visible: bool


class Backlog:
    """The changes before those that are remembered, newest first.

    They are rendered from the newest to the oldest that somebody asks for, and once.
    ``start`` is the oldest cursor that they are complete for.
    """

    def __init__(self, channel: Channel, until: datetime):
        self.until = until
        self.start = channel.tombstones_purged_at or cursors.at(0)
        self._rows = find_rows(channel, until)
        if len(self._rows) > MAX_CHANGES:
            self.start = max(self.start, self._rows.pop().cursor)

    def reaches(self, recent: RecentChanges, since: datetime) -> bool:
        """Return whether the changes after a cursor can be added to the recent ones."""
        is_adjacent = self.until == recent.start  # none was dropped
        has_room = self._count(since) + len(recent.by_post) <= MAX_CHANGES
        return is_adjacent and has_room and since >= self.start

    def move(self, recent: RecentChanges, since: datetime, channel: Channel) -> None:
        """Render the changes after a cursor, and move them to the recent ones."""
        count = self._count(since)
        rows, older = self._rows[:count], self._rows[count:]
        rows = [row for row in rows if row.post_id not in recent.by_post]
        changes = self._render(rows, channel)  # may fail, and is then repeated
        self._rows = older
        self.until = older[0].cursor if older else self.start
        recent.prepend(changes, self.until)

    def _count(self, since: datetime) -> int:
        return sum(row.cursor > since for row in self._rows)

    def _render(self, rows: Iterable[Row], channel: Channel) -> list[Change]:
        changes: list[Change] = []
        cursors_of_posts = {}
        for row in rows:
            if row.post_id == OVERVIEW:
                changes += filter(None, [render_overview(channel)])
            elif row.post_id == STAGE:
                changes += filter(None, [render_stage(channel)])
            elif row.is_visible:
                cursors_of_posts[row.post_id] = row.cursor
            else:
                changes.append(Change(row.post_id, row.cursor, None))
        posts = channel.posts.visible().filter(pk__in=cursors_of_posts)
        # Of a post that has changed since, the next answer has the change.
        unchanged = [
            post
            for post in posts.with_author()
            if post.updated_at == cursors_of_posts[str(post.pk)]
        ]
        return sort([*changes, *render_entries(unchanged, {})])


def find_rows(channel: Channel, until: datetime) -> list[Row]:
    """Return the latest changes, newest first: one more than are remembered."""
    limit = MAX_CHANGES + 1
    changed = channel.posts.filter(updated_at__lte=until).order_by("-updated_at")
    visible, withdrawn = (
        posts.values_list("updated_at", "id")[:limit]
        for posts in (changed.visible(), changed.withdrawn())
    )
    deleted = channel.tombstones.filter(was_published=True, deleted_at__lte=until)
    removed = deleted.order_by("-deleted_at").values_list("deleted_at", "post_id")
    rows = [Row(at, str(post_id), True) for at, post_id in visible]
    for removals in (withdrawn, removed[:limit]):
        rows += [Row(at, str(post_id), False) for at, post_id in removals]
    if channel.overview_updated_at <= until:
        rows.append(Row(channel.overview_updated_at, OVERVIEW, True))
    if updates.is_stage_changed(channel, cursors.at(0)):
        rows.append(Row(channel.stage_updated_at, STAGE, True))
    return sorted(rows, reverse=True)[:limit]
