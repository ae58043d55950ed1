"""Publishes to the push engine what it lacks: an outbox by position.

For each channel that readers follow through the engine, a row says up to which cursor it
has been published. One process at a time claims the row, publishes all that came after,
and moves the cursor. So a process that ends between a commit and the publication loses
nothing: all processes look at the rows every few seconds. The same publication may be
repeated, up to the same cursor, and engines drop what they have seen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import router
from django.db.models import Q, QuerySet

from .. import conf, cursors
from ..background import retry_if_locked
from ..delivery import access
from ..models import Channel, EngineChannel
from .base import BaseEngine, Item
from .updates import ask, build_public_items, end, get_latest

CLAIM_TIMEOUT = timedelta(seconds=12)
# Seconds that the engine has for a publication. Nothing is sent later: the claim, which is
# renewed before, lasts longer, also if the clocks of two servers differ by some seconds.
PUBLISH_TIMEOUT = 8.0
# After this time without a publication or a new reader, an engine has no readers left:
# Pushpin's streams ask the site every ten minutes, nchan's end after an hour.
IDLE_TIMEOUT = timedelta(hours=2)
FULL_TIMEOUT = timedelta(minutes=30)  # only polls ask for the full form
CLAIM_INTERVAL = 0.1  # seconds until the next attempt to claim a channel
MAX_CLAIM_INTERVAL = 2.0
NOTE_INTERVAL = timedelta(minutes=5)  # between two writes that readers still come
MAX_ATTEMPTS = 5  # to read a channel while it does not change
HAS_READERS = Q(has_public_readers=True) | Q(has_private_readers=True)


def get_rows() -> QuerySet[EngineChannel]:
    """Return all rows as they are now: a replica of the database may be late."""
    return EngineChannel.objects.using(router.db_for_write(EngineChannel))


def note_reader(
    engine: BaseEngine, channel: Channel, *, is_public: bool, needs_full: bool
) -> list[EngineChannel]:
    """Record that a reader follows a channel through the engine; return the rows of its
    servers."""
    now = cursors.now()
    values: dict = {"used_at": now}
    values["has_public_readers" if is_public else "has_private_readers"] = True
    if needs_full:
        values["full_until"] = now + FULL_TIMEOUT
    rows = get_rows().filter(channel_id=channel.channel_id)
    found = {row.server: row for row in rows}
    for server in engine.servers:
        row = found.get(server)
        if row is None or not _is_noted(row, values, now):
            found[server] = retry_if_locked(_write_note, server, channel, values, now)
    return [found[server] for server in engine.servers]


def _write_note(
    server: str, channel: Channel, values: dict, now: datetime
) -> EngineChannel:
    # Not update_or_create: MySQL ends one of two such transactions with a deadlock.
    key = {"channel_id": channel.channel_id, "server": server}
    rows = get_rows().filter(**key)
    is_left = Q(used_at__lte=now - IDLE_TIMEOUT) | ~HAS_READERS
    rows.filter(is_left).delete()  # nobody waits for the rest
    new = EngineChannel(**key, **values, published_until=get_latest(channel))
    if not rows.update(**values):
        get_rows().bulk_create([new], ignore_conflicts=True)
        rows.update(**values)  # if another reader has come first
    return rows.first() or new


def _is_noted(row: EngineChannel, values: dict, now: datetime) -> bool:
    soon = now + FULL_TIMEOUT - NOTE_INTERVAL
    is_full_noted = "full_until" not in values or (row.full_until or now) > soon
    has_flags = all(getattr(row, name) for name in values if name.startswith("has_"))
    return is_full_noted and has_flags and row.used_at > now - NOTE_INTERVAL


def find_rows(server: str, now: datetime) -> QuerySet[EngineChannel]:
    """Return the channels that may have readers at a server of the engine."""
    rows = get_rows().filter(HAS_READERS, server=server)
    return rows.filter(used_at__gt=now - IDLE_TIMEOUT)


def purge_idle(now: datetime) -> int:
    """Delete the rows of channels that have no readers left; return their number."""
    idle = get_rows().filter(used_at__lte=now - IDLE_TIMEOUT)
    return retry_if_locked(idle.delete)[0]


def find_work(server: str) -> set[str]:
    """Return the channels of which a server lacks updates, or has readers who have lost
    access. Three queries, and one if nobody follows the site through the engine."""
    rows = list(find_rows(server, cursors.now()))
    if not rows:
        return set()
    channels = access.look([row.channel_id for row in rows])
    public = access.public_channels(channels.values()) if conf.is_enabled() else set()
    return {
        row.channel_id
        for row in rows
        if has_work(
            row, channels.get(row.channel_id), is_public=row.channel_id in public
        )
    }


def has_work(row: EngineChannel, channel: Channel | None, *, is_public: bool) -> bool:
    return (
        channel is None
        or row.published_until != get_latest(channel)
        or (row.has_public_readers and not is_public)
        or (row.has_private_readers and not channel.page.live)
    )


class ClaimLost(Exception):
    """Another process publishes the channel: this one was too slow, or the row is new."""


def publish(engine: BaseEngine, server: str, channel_id: str) -> float:
    """Publish what a server lacks of a channel, in order; raise ``EngineFailed``.

    If another process is publishing, it may have looked before the latest commit: return
    the seconds to wait until the next attempt.
    """
    now = cursors.now()
    rows = find_rows(server, now).filter(channel_id=channel_id)
    is_free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    claim = now + CLAIM_TIMEOUT
    if not rows.filter(is_free).update(claimed_until=claim):
        return get_wait(rows.first(), now)
    outbox = Outbox(engine, server, channel_id, claim)
    try:
        while outbox.publish_next():
            pass
    except ClaimLost:
        return CLAIM_INTERVAL
    finally:
        outbox.release()
    return 0.0


def get_wait(row: EngineChannel | None, now: datetime) -> float:
    """Return the seconds to wait for a claim: the longer, the older it is already."""
    if row is None:
        return 0.0
    if row.claimed_until is None:
        return CLAIM_INTERVAL
    left = (row.claimed_until - now).total_seconds()
    age = CLAIM_TIMEOUT.total_seconds() - left
    return max(CLAIM_INTERVAL, min(age / 2, left, MAX_CLAIM_INTERVAL))


class Outbox:
    """A channel at a server, while this process has claimed it until ``claim``.

    That moment also identifies the claim: nothing is saved under another one.
    """

    def __init__(
        self, engine: BaseEngine, server: str, channel_id: str, claim: datetime
    ):
        self.engine = engine
        self.server = server
        self.channel_id = channel_id
        self.claim = claim
        self.attempts = 0

    @property
    def rows(self) -> QuerySet[EngineChannel]:
        """The row, as long as this process has claimed it."""
        return get_rows().filter(
            channel_id=self.channel_id, server=self.server, claimed_until=self.claim
        )

    def update(self, **values) -> None:
        """Save these fields only: readers may have been noted meanwhile. Raise
        ``ClaimLost``."""
        if not retry_if_locked(partial(self.rows.update, **values)):
            raise ClaimLost(self.channel_id)
        self.claim = values.get("claimed_until", self.claim)

    def release(self) -> None:
        """Let other processes publish, unless one does so already."""
        retry_if_locked(partial(self.rows.update, claimed_until=None))

    def send(
        self,
        row: EngineChannel,
        items: Iterable[Item],
        *,
        target: datetime | None = None,
        **values,
    ) -> None:
        """Renew the claim, send items, and note in one write what the server has then."""
        deadline = time.monotonic() + PUBLISH_TIMEOUT
        begun = {"publishing_until": target} if target else {}
        self.update(claimed_until=cursors.now() + CLAIM_TIMEOUT, **begun)
        positions = self.engine.publish(
            self.server,
            items,
            deadline=deadline,
            is_repeated=row.publishing_until is not None,
        )
        self.update(positions=row.positions | positions, **values)

    def publish_next(self) -> bool:
        """Make one publication; return ``False`` if there is nothing to publish.

        The channel's cursor is read before access, and content after that: an update
        must not be published on an older answer.
        """
        row = self.rows.first()
        if row is None:
            raise ClaimLost(self.channel_id)
        channel = access.look([self.channel_id]).get(self.channel_id)
        if channel is None:
            self.send(row, [*end(row, is_public=True), *end(row, is_public=False)])
            self.rows.delete()
            return False
        is_public = conf.is_enabled() and bool(access.public_channels([channel]))
        if row.has_public_readers and not is_public:
            self.end(row, is_public=True)
        elif row.has_private_readers and not channel.page.live:
            self.end(row, is_public=False)
        elif row.published_until != get_latest(channel):
            self.publish_updates(row, channel)
        else:
            return False
        return True

    def end(self, row: EngineChannel, *, is_public: bool) -> None:
        """Send readers away. Those who come meanwhile are noted by a write, and stay: the
        page may be public again."""
        long_ago = cursors.now() - 2 * NOTE_INTERVAL
        self.update(used_at=long_ago)
        self.send(row, end(row, is_public=is_public))
        flag = "has_public_readers" if is_public else "has_private_readers"
        unused = self.rows.filter(used_at=long_ago)
        retry_if_locked(partial(unused.update, **{flag: False}))

    def publish_updates(self, row: EngineChannel, channel: Channel) -> None:
        latest, until = get_latest(channel), channel.last_updated_at
        # After a crash, what was published may be published again, but no other part.
        target = min(row.publishing_until or latest, latest)
        channel.last_updated_at = until if target == latest else target
        items: list[Item] = []
        if row.has_public_readers and target < row.published_until:
            # A backup has been restored.
            items += ask(row, target, None, is_public=True)
        elif row.has_public_readers:
            items += build_public_items(row, channel, target)
        if row.has_private_readers:
            items += ask(row, target, row.published_until, is_public=False)
        if self.has_moved(until):
            return
        self.send(
            row,
            items,
            target=target,
            published_until=target,
            publishing_until=None,
            used_at=cursors.now(),
        )

    def has_moved(self, cursor: datetime) -> bool:
        """Return whether the channel has changed while it was read, which may have hidden
        an earlier change: as when a post that was just hidden is edited. If it never
        rests, the next update has that change."""
        self.attempts += 1
        if self.attempts % MAX_ATTEMPTS == 0:
            return False
        channels = Channel.objects.filter(channel_id=self.channel_id)
        return not channels.filter(last_updated_at=cursor).exists()
