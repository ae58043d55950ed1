"""The only writer of the overview: state, key points and pinned post."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from wagtail.rich_text import RichText

from .. import conf, cursors
from ..models import Channel, ChannelDeleted, ChannelState, LivePost
from ..permissions import to_actor
from ..rich_text import clean_rich_text
from .lock import ChannelLock, Conflict, lock_channel
from .writer import UNCHANGED

END_DELAY = timedelta(seconds=10)


def set_state(
    channel: Channel,
    state: ChannelState | str,
    *,
    actor: Any,
    expected: ChannelState | str | None = None,
) -> Channel:
    """Start, pause, end or reopen the coverage; ``ValueError`` for an unknown state.

    Reopening keeps the time of the first start and clears that of the end. ``expected``
    is the state that the caller has read; ``Conflict`` if it is another one now.
    """
    actor = to_actor(actor)
    state = ChannelState(state)
    with lock_channel(channel) as lock:
        actor.rights_on(lock.channel).require(publishing=True)
        if expected and lock.channel.state not in (expected, state):
            raise Conflict(None)
        _set_state(lock, state)
        return lock.channel


def end_soon(
    channel: Channel,
    *,
    actor: Any,
    expected: ChannelState | str | None = None,
) -> Channel:
    """End the coverage in ten seconds, unless ``set_state`` is called before.

    The end is kept here and not in the browser of the editor, so that it comes also if
    that is closed, and every editor can take it back. Readers never see an end that was
    taken back. ``expected`` is as in ``set_state``.
    """
    actor = to_actor(actor)
    with lock_channel(channel) as lock:
        actor.rights_on(lock.channel).require(publishing=True)
        state = lock.channel.state
        if expected and state not in (expected, ChannelState.ENDED):
            raise Conflict(None)
        if lock.channel.ends_at is None and state != ChannelState.ENDED:
            lock.advance(seen=False)
            # The cursor is ahead of the clock if that of another server is.
            _set_end(lock, cursors.now() + END_DELAY)
            lock.announce("ending")
        return lock.channel


def end_times(now: datetime) -> QuerySet:
    return Channel.objects.filter(ends_at__isnull=False).values_list(
        "ends_at", flat=True
    )


def end_due(now: datetime) -> int:
    """End the coverage that ``end_soon`` has announced; return how many were ended."""
    ended = 0
    for channel in Channel.objects.filter(ends_at__lte=now):
        with suppress(ChannelDeleted), lock_channel(channel) as lock:
            ends_at = lock.channel.ends_at
            if ends_at and ends_at <= now:
                _set_state(lock, ChannelState.ENDED)
                ended += 1
    return ended


def find_idle(now: datetime) -> QuerySet[Channel]:
    """Return the live channels without an update for ``WAGTAIL_LIVE_END_AFTER`` hours and
    with nothing scheduled."""
    hours = conf.get_end_after()
    if hours is None:
        return Channel.objects.none()
    scheduled = LivePost.objects.scheduled().filter(channel=OuterRef("pk"))
    live = Channel.objects.filter(state=ChannelState.LIVE)
    before = now - timedelta(hours=hours)
    return live.filter(~Exists(scheduled), last_updated_at__lt=before)


def idle_times(now: datetime) -> QuerySet:
    return find_idle(now).values_list("last_updated_at", flat=True)


def end_idle(now: datetime) -> int:
    """End the coverage of idle channels, and return how many this call has ended."""
    ended = 0
    for channel in find_idle(now):
        with suppress(ChannelDeleted), lock_channel(channel) as lock:
            if find_idle(now).filter(pk=channel.pk).exists():
                _set_state(lock, ChannelState.ENDED)
                ended += 1
    return ended


def summarise(channel: Channel, summary: str | RichText, *, actor: Any) -> Channel:
    """Set the key points: a ``str``, which is cleaned, or a ``RichText``, which is trusted.
    Empty removes them; ``TooLong`` for more than ``rich_text.MAX_LENGTH`` characters."""
    actor = to_actor(actor)
    if isinstance(summary, RichText):
        summary = str(summary.source)
    else:
        summary = clean_rich_text(summary)
    with lock_channel(channel) as lock:
        actor.rights_on(lock.channel).require(publishing=True)
        if lock.channel.summary != summary:
            lock.advance(seen=True)
            lock.change_overview(
                summary=summary, summarised_at=lock.moment, summarised_by=actor.user
            )
            lock.announce("summarised")
        return lock.channel


def pin(
    channel: Channel,
    post: LivePost | None,
    *,
    actor: Any,
    expected: UUID | None = UNCHANGED,
) -> Channel:
    """Pin a post above all others; ``None`` unpins. ``LivePost.DoesNotExist`` for a post
    of another channel. ``expected`` is the id of the pinned post that the caller has
    read; ``Conflict`` if another one is pinned now."""
    actor = to_actor(actor)
    with lock_channel(channel) as lock:
        actor.rights_on(lock.channel).require(publishing=True)
        if post is not None:
            post = lock.channel.posts.get(pk=post.pk)
        pinned = lock.channel.pinned_post_id
        if pinned != (post and post.pk):
            if expected is not UNCHANGED and pinned != expected:
                raise Conflict(lock.channel.pinned_post)
            lock.advance(seen=True)
            lock.change_overview(pinned_post=post)
            lock.announce("pinned" if post else "unpinned", post and post.pk)
        return lock.channel


def _set_state(lock: ChannelLock, state: ChannelState) -> None:
    if lock.channel.state == state:
        _keep_going(lock)
        return
    lock.advance(seen=True)
    ended_at = lock.moment if state == ChannelState.ENDED else None
    changes = {"state": state, "ended_at": ended_at, "ends_at": None}
    if state == ChannelState.LIVE and lock.channel.started_at is None:
        changes["started_at"] = lock.moment
    lock.change_overview(**changes)
    lock.announce(str(state))


def _keep_going(lock: ChannelLock) -> None:
    """Take the end back that ``end_soon`` has announced."""
    if lock.channel.ends_at is not None:
        lock.advance(seen=False)
        _set_end(lock, None)
        lock.announce("not_ending")


def _set_end(lock: ChannelLock, ends_at: datetime | None) -> None:
    lock.change_overview(ends_at=ends_at)
