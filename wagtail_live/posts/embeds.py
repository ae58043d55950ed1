"""Embeds of posts, which are requested after the post is written, and tried again later."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django_tasks import task
from wagtail.embeds.blocks import EmbedValue

from .. import cursors
from ..background import later
from ..models import ChannelDeleted, LivePost, PendingEmbeds
from ..models.post import walk
from .lock import lock_channel

logger = logging.getLogger("wagtail_live.embeds")

BACK_OFF = (60, 300, 1800, 7200, 43_200)  # seconds after each attempt


def request(post: LivePost) -> None:
    """Request the embeds of a post that aren't stored, after the commit."""
    if not find_missing(post):
        return
    pending = {"attempts": 0, "due_at": cursors.now()}
    PendingEmbeds.objects.update_or_create(post=post, defaults=pending)
    later(find_embeds, str(post.pk))


def find_missing(post: LivePost) -> list[Any]:
    """Return the embeds of a post that aren't stored."""
    found = [value for value in walk(post.content) if isinstance(value, EmbedValue)]
    return [value for value in found if getattr(value, "stored", value) is None]


@task()
def find_embeds(post_id: str) -> None:
    """Request the missing embeds of a post, show it again if some were found, and plan the
    next attempt for the others."""
    pending = (
        PendingEmbeds.objects.filter(post=UUID(post_id)).select_related("post").first()
    )
    if pending is None or not _claim(pending):
        return
    missing = find_missing(pending.post)
    for embed in missing:
        embed.resolve()
    # Without any, they were found for another post since this one was rendered.
    if not missing or any(embed.stored for embed in missing):
        show_again(pending.post)
    rows = PendingEmbeds.objects.filter(pk=pending.pk, attempts=pending.attempts)
    is_over = pending.attempts >= len(BACK_OFF)
    if is_over or not any(embed.is_worth_retrying for embed in missing):
        rows.delete()
    else:
        later(find_embeds, post_id, delay=BACK_OFF[pending.attempts - 1] + 1)
    sweep(cursors.now())


def _claim(pending: PendingEmbeds) -> bool:
    """Return whether this process may make the attempt. In case it dies, the next one is
    due after a while, unless there were too many."""
    now = cursors.now()
    rows = PendingEmbeds.objects.filter(pk=pending.pk, due_at=pending.due_at)
    if pending.due_at > now:
        return False
    if pending.attempts >= len(BACK_OFF):
        rows.delete()
        return False
    due_at = now + timedelta(seconds=BACK_OFF[pending.attempts])
    if not rows.update(attempts=F("attempts") + 1, due_at=due_at):
        return False
    pending.attempts += 1
    return True


def show_again(post: LivePost) -> None:
    """Send a post to readers again, whose content is the same: the version for editors
    stays."""
    try:
        with lock_channel(post.channel) as lock:
            post = lock.find(post)
            lock.advance(seen=post.show)
            post.updated_at = lock.channel.last_updated_at
            rows = LivePost.objects.using(lock.channel._state.db).filter(pk=post.pk)
            rows.update(updated_at=post.updated_at)
            if lock.overview_shows(post):
                lock.change_overview()
            lock.announce("edited", post.pk)
    except (ChannelDeleted, LivePost.DoesNotExist):
        return


def sweep(now: datetime) -> int:
    """Start attempts that are due, such as those left by a crash; return their number."""
    due = PendingEmbeds.objects.filter(due_at__lte=now)
    keys = list(due.values_list("post", flat=True)[:20])
    for key in keys:
        later(find_embeds, str(key))
    return len(keys)
