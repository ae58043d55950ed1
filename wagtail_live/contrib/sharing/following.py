"""Shares follow their originals: each is brought up to date under the lock of its own
channel, after the commit of the change. What a process leaves undone when it ends is found
by housekeeping, because ``SharedPost.due_at`` was set together with the change.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import Exists, F, OuterRef, QuerySet
from django_tasks import task

from ... import conf, cursors, posts
from ...background import later
from ...models import ChannelDeleted, LivePost
from ...permissions import SYSTEM
from ...posts import embeds, writer
from ...posts.content import build_content
from ...posts.lock import ChannelLock, lock_channel
from .copying import SOURCE, get_fields, get_written, make_digest
from .models import Ending, SharedPost
from .privacy import is_exposed, is_public

logger = logging.getLogger("wagtail_live.sharing")

BACK_OFF = (5, 30, 120, 600, 3600, 3 * 3600, 12 * 3600)  # seconds after each attempt
BATCH_SIZE = 100

_is_following: ContextVar[bool] = ContextVar("is_following", default=False)


def is_following() -> bool:
    """Return whether this change of a share comes from its original."""
    return _is_following.get()


@contextmanager
def _following() -> Iterator[None]:
    token = _is_following.set(True)
    try:
        yield
    finally:
        _is_following.reset(token)


def mark_due(links: QuerySet[SharedPost]) -> None:
    """Note that shares are behind, in the transaction of the change, and bring them up to
    date after its commit."""
    keys = list(links.filter(ended="").values_list("pk", flat=True))
    if keys:
        SharedPost.objects.filter(pk__in=keys).update(due_at=cursors.now(), attempts=0)
    for key in keys:
        later(follow, key)


@task()
def follow(key: int) -> None:
    """Bring a share up to date, unless another process has done so."""
    link = SharedPost.objects.select_related("channel").filter(pk=key).first()
    if link is None or link.due_at is None or link.ended:
        return
    try:
        with suppress(ChannelDeleted), lock_channel(link.channel) as lock:
            _update(lock, key)
    except (OperationalError, InterfaceError):
        raise  # it stays due
    except Exception:
        logger.exception("The shared post %s can't follow its original.", link.post_id)
        _postpone(link)


def follow_due(now: datetime) -> int:
    """Bring the shares up to date that are due, and return their number."""
    due = SharedPost.objects.filter(ended="", due_at__lte=now).order_by("due_at")
    keys = list(due.values_list("pk", flat=True)[:BATCH_SIZE])
    for key in keys:
        follow.call(key)
    return len(keys)


def due_times(now: datetime) -> QuerySet:
    """Return the times, past or future, at which shares are due."""
    due = SharedPost.objects.filter(ended="", due_at__isnull=False)
    return due.values_list("due_at", flat=True)


def purge(now: datetime) -> int:
    """Forget links without a post, once their deletion can't be undone any more."""
    before = now - timedelta(days=conf.get_keep_tombstones())
    own = LivePost.objects.filter(pk=OuterRef("post_id"))
    old = SharedPost.objects.filter(~Exists(own), due_at=None, shared_at__lt=before)
    return old.delete()[0]


def _postpone(link: SharedPost) -> None:
    rows = SharedPost.objects.filter(pk=link.pk, due_at=link.due_at)
    if link.attempts >= len(BACK_OFF):
        rows.update(ended=Ending.FAILED, due_at=None)
        return
    pause = BACK_OFF[link.attempts]
    due_at = cursors.now() + timedelta(seconds=pause)
    if rows.update(attempts=F("attempts") + 1, due_at=due_at):
        later(follow, link.pk, delay=pause + 1)


def _update(lock: ChannelLock, key: int) -> None:
    """Make a share like its original is now. A change of the original after this sets
    ``due_at`` again."""
    link = SharedPost.objects.filter(pk=key, ended="", due_at__isnull=False).first()
    if link is None:
        return
    link.channel = lock.channel
    originals = LivePost.objects.select_related("author", "channel__page")
    original = originals.filter(pk=link.original_id).first()
    post = lock.channel.posts.filter(pk=link.post_id).first()
    with _following():
        changes = _bring(lock, link, original, post)
    rows = SharedPost.objects.filter(pk=key)
    rows.update(**changes)
    rows.filter(due_at=link.due_at).update(due_at=None, attempts=0)


def _bring(
    lock: ChannelLock,
    link: SharedPost,
    original: LivePost | None,
    post: LivePost | None,
) -> dict[str, Any]:
    """Change the post as its original has changed, and return what changes in the link."""
    if original is None:
        if post is not None:
            posts.delete(lock.channel, post, actor=SYSTEM)
        return {}
    source = original.channel.page
    if not link.is_confirmed and source.live and is_exposed(source, lock.channel.page):
        _hide(lock, post)
        return {"ended": Ending.PRIVATE, "is_hidden": False}
    if not original.show:
        return {"is_hidden": _hide(lock, post) or link.is_hidden}
    if not source.live and not link.is_confirmed:
        # Nothing is carried until the page is published again.
        return _refresh_credit(link, post, source)
    if post is None:
        return _add_again(lock, original)
    return _edit(lock, link, original, post)


def _hide(lock: ChannelLock, post: LivePost | None) -> bool:
    """Hide a post, and cancel its schedule; return whether that has changed it."""
    if post is None or not (post.show or post.go_live_at):
        return False
    posts.hide(lock.channel, post, actor=SYSTEM)
    return True


def _edit(
    lock: ChannelLock, link: SharedPost, original: LivePost, post: LivePost
) -> dict[str, Any]:
    values = get_written(original)
    values["content"] = build_content(original.content, lock.channel)
    if link.original_created != original.created:
        values["created"] = original.created
    if link.is_hidden:
        values |= writer.status_fields(cursors.now(), show=True)
    before = post.updated_at
    post = writer.change(lock, post, values, SYSTEM)
    source = original.channel.page
    if post.updated_at == before:
        _refresh_credit(link, post, source)
    return {
        "has_link": is_public(source),
        "digest": make_digest(post),
        "original_created": original.created,
        "is_hidden": False,
    }


def _add_again(lock: ChannelLock, original: LivePost) -> dict[str, Any]:
    """Publish the post of an original whose deletion was undone."""
    post = posts.publish(
        lock.channel,
        build_content(original.content, lock.channel),
        source=SOURCE,
        created=original.created,
        actor=SYSTEM,
        **get_fields(original),
    )
    return {
        "post_id": post.pk,
        "digest": make_digest(post),
        "original_created": original.created,
        "is_hidden": False,
    }


def _refresh_credit(
    link: SharedPost, post: LivePost | None, source: Any
) -> dict[str, Any]:
    """Send a post to readers again if its credit has a link now, or no longer has one."""
    has_link = is_public(source)
    if post is not None and post.show and has_link != link.has_link:
        embeds.show_again(post)
    return {"has_link": has_link}
