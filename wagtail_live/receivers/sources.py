"""Where messages go, and who may send them."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..models import Channel, ReceivedMessage, Source, SourceAuthor, ThreadReplies
from .base import Delete, Hide, Upsert


def find_source(receiver: str, external_id: str) -> Source | None:
    """Where messages from there go: as an editor has connected it, or to the page whose
    ``channel_id`` that is."""
    sources = Source.objects.filter(receiver=receiver, external_id=external_id)
    if source := sources.select_related("channel").first():
        return source
    channel = Channel.objects.filter(channel_id=external_id).first()
    if channel is None:
        return None
    return Source(receiver=receiver, external_id=external_id, channel=channel)


def find_objection(source: Source, event: Upsert | Delete | Hide) -> str:
    """Why the event is not to be applied, if so."""
    author = event.author
    is_told_by_platform = isinstance(event, Delete) and not author.id
    if not source.allows(author.id) and not is_told_by_platform:
        return "Its sender is not among the allowed ones."
    if not isinstance(event, Upsert):
        return ""
    if author.is_bot and not source.include_bots:
        return "A message of a bot."
    if event.reply_to and source.thread_replies == ThreadReplies.IGNORE:
        return "A reply in a thread."
    return ""


class Byline(NamedTuple):
    """Who has written a message, as readers see it, and the user that this is."""

    name: str
    user: Any = None


def find_byline(message: ReceivedMessage) -> Byline:
    """Who the sender is here; somebody new is remembered, for an editor to name."""
    if not message.sender_id:
        return Byline(message.sender_name)
    author, _ = SourceAuthor.objects.select_related("user").get_or_create(
        receiver=message.receiver, sender_id=message.sender_id
    )
    return Byline(author.name or message.sender_name, author.user)
