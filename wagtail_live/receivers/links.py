"""Lone links, which become embeds where a provider of the site knows them."""

from __future__ import annotations

import logging

from ..blocks import StoredEmbedValue
from ..models import ChannelDeleted, LivePost, ReceivedMessage
from ..posts.lock import lock_channel
from . import posting as writing
from .composing import untried_links
from .families import Family
from .sources import find_source

logger = logging.getLogger("wagtail_live.receivers")


def try_links(message_pk: int) -> None:
    """Ask once for each link (network, up to 10 s), and remember that it was tried."""
    message = ReceivedMessage.objects.filter(pk=message_pk).first()
    if message is None:
        return
    links = {url: _is_embed(url) for url in untried_links([message])}
    if not links:
        return
    try:
        with lock_channel(message.channel) as lock:
            _note_tried(message_pk, lock.channel, links)
    except (ChannelDeleted, ReceivedMessage.DoesNotExist):
        return


def _is_embed(url: str) -> bool:
    block = LivePost._meta.get_field("content").stream_block.child_blocks.get("embed")
    embed = block.normalize(url) if block else None
    if not isinstance(embed, StoredEmbedValue):
        return False
    try:
        embed.resolve()
    except Exception as error:  # a site's own finder may raise anything
        logger.warning("A link can't be embedded: %s", type(error).__name__)
        return False
    return embed.stored is not None


def _note_tried(message_pk: int, channel, links: dict[str, bool]) -> None:
    message = ReceivedMessage.objects.get(pk=message_pk)
    message.channel = channel
    family = Family(message)
    for item in message.body:
        if item.get("link") in links:
            item["is_tried"] = True
    message.save(update_fields=["body"])
    if any(links.values()):
        writing.refresh(family, find_source(message.receiver, message.external_id))
