"""Embeds for the lone links of messages, which are requested after the text is shown."""

from __future__ import annotations

import logging

from django_tasks import task

from ..models import ChannelDeleted, ReceivedMessage
from ..posts.lock import lock_channel
from .composing import get_embed, untried_links
from .posting import refresh

logger = logging.getLogger("wagtail_live.receivers")


@task()
def try_links(message_pk: int) -> None:
    """Request an embed once for each lone link of a message (up to 10 s), and show those
    that were found."""
    message = ReceivedMessage.objects.filter(pk=message_pk).first()
    links = {url: _try(url) for url in untried_links(message)} if message else {}
    if not links:
        return
    try:
        with lock_channel(message.channel) as lock:
            message = ReceivedMessage.objects.get(pk=message_pk)
            message.channel = lock.channel
            for item in message.body:
                if item.get("link") in links:
                    item["is_tried"] = True
            message.save(update_fields=["body"])
            if any(links.values()):
                refresh(message)
    except (ChannelDeleted, ReceivedMessage.DoesNotExist):
        return


def _try(url: str) -> bool:
    embed = get_embed(url)
    if embed is None:
        return False
    try:
        embed.resolve()
    except Exception as error:  # a site's own finder may raise anything
        logger.warning("A link can't be embedded: %s", type(error).__name__)
        return False
    return embed.stored is not None
