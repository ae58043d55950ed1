"""Where messages go, and who may send them."""

from __future__ import annotations

from ..models import Channel, Source, SourceAuthor, ThreadReplies
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


def find_author(receiver: str, sender_id: str, name: str) -> SourceAuthor:
    """Who the sender is here. ``name`` is what the platform says, perhaps not at once; a
    name that is known already stays, as an editor may have given it."""
    if not sender_id:
        return SourceAuthor(receiver=receiver, name=name)
    author, _ = SourceAuthor.objects.get_or_create(
        receiver=receiver, sender_id=sender_id, defaults={"name": name}
    )
    if name and not author.name:
        author.name = name
        author.save(update_fields=["name"])
    return author
