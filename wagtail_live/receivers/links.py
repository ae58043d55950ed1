"""Embeds and cards for the lone links of messages, which are requested after the text is
shown, and tried again later with the pauses of other embeds."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django_tasks import task
from wagtail.blocks import StreamBlock

from .. import cursors
from ..background import later
from ..models import ChannelDeleted, ReceivedMessage, get_post_block
from ..posts.embeds import BACK_OFF
from ..posts.lock import lock_channel
from .composing import get_embed, untried_links
from .posting import refresh

logger = logging.getLogger("wagtail_live.receivers")

CLAIM = timedelta(minutes=10)  # after which a process that tries links has died
FOUND, FAILED, LATER = "found", "failed", "later"


@task()
def try_links(message_pk: int) -> None:
    """Request an embed for each lone link of a message (up to 10 s), show those that were
    found, and plan the next attempt for those that may come."""
    message = ReceivedMessage.objects.filter(pk=message_pk).first()
    if message is None or not _claim(message):
        return
    block = get_post_block(message.channel)
    results = {url: _try(url, block) for url in untried_links(message)}
    try:
        with lock_channel(message.channel) as lock:
            message = ReceivedMessage.objects.get(pk=message_pk)
            message.channel = lock.channel
            pause = _note(message, results)
            if FOUND in results.values():
                refresh(message)
    except (ChannelDeleted, ReceivedMessage.DoesNotExist):
        return
    if pause is not None:
        later(try_links, message_pk, delay=pause + 1)
    sweep(cursors.now())


def sweep(now: datetime) -> int:
    """Start attempts that are due, such as those left by a crash; return their number."""
    due = ReceivedMessage.objects.filter(links_due_at__lte=now)
    keys = list(due.values_list("pk", flat=True)[:20])
    for key in keys:
        later(try_links, key)
    return len(keys)


def _claim(message: ReceivedMessage) -> bool:
    """Return whether links are due, and no other process tries them."""
    now, due_at = cursors.now(), message.links_due_at
    if due_at is None or due_at > now:
        return False
    rows = ReceivedMessage.objects.filter(pk=message.pk, links_due_at=due_at)
    return bool(rows.update(links_due_at=now + CLAIM))


def _note(message: ReceivedMessage, results: dict[str, str]) -> float | None:
    """Note the attempts in the message; return the seconds to the next one, if any."""
    pauses = []
    for item in message.body:
        result = results.get(item.get("link", ""))
        if result is None:
            if "link" in item and not item["is_tried"]:
                pauses.append(0.0)  # it came with an edit meanwhile
            continue
        item["attempts"] = item.get("attempts", 0) + 1
        is_over = item["attempts"] >= len(BACK_OFF)
        item["is_tried"] = is_over or result != LATER
        if not item["is_tried"]:
            pauses.append(float(BACK_OFF[item["attempts"] - 1]))
    pause = min(pauses, default=None)
    due_at = None if pause is None else cursors.now() + timedelta(seconds=pause)
    message.links_due_at = due_at
    message.save(update_fields=["body", "links_due_at"])
    return pause


def _try(url: str, block: StreamBlock) -> str:
    embed = get_embed(url, block)
    if embed is None:
        return FAILED
    try:
        embed.resolve()
    except Exception as error:  # a site's own finder may raise anything
        logger.warning("A link can't be embedded: %s", type(error).__name__)
        return FAILED
    if embed.stored is not None:
        return FOUND
    return LATER if embed.is_worth_retrying else FAILED
