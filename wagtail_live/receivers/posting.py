"""Writes the post of a family of messages. The caller holds the lock of the channel.

A post that an editor has changed is not overwritten: a later edit of the message is only
noted, because it could bring back text that the editor removed.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django_tasks import task
from wagtail.blocks import StreamBlock, StreamValue
from wagtail.blocks.list_block import ListValue

from .. import cursors, posts
from ..background import later
from ..models import (
    Channel,
    LivePost,
    Policy,
    PostAuthor,
    ReceivedMessage,
    Source,
    SourceAuthor,
    get_post_block,
)
from ..people import find_people, get_person_name
from ..permissions import SYSTEM
from ..posts.content import build_content, find_type
from . import get_receivers, media
from .base import Outcome
from .composing import (
    Block,
    Family,
    compose,
    file_blocks,
    fingerprint,
    get_type,
    group_images,
    read_fields,
)

logger = logging.getLogger("wagtail_live.receivers")

EMPTIED = "emptied"  # the fingerprint of a post that was hidden because it became empty


def find_source(receiver: str, external_id: str) -> Source | None:
    """Return the source that an editor has connected, or else one for the page whose
    ``channel_id`` this is."""
    sources = Source.objects.select_related("channel").filter(receiver=receiver)
    ids = Q(external_id=external_id) | Q(former_id=external_id)
    for source in sorted(
        sources.filter(ids), key=lambda source: source.external_id != external_id
    ):
        return source
    channel = Channel.objects.filter(channel_id=external_id).first()
    if channel is None:
        return None
    return Source(receiver=receiver, external_id=external_id, channel=channel)


def find_byline(message: ReceivedMessage) -> PostAuthor:
    """Return the sender as readers see them, and their user account if known. A new sender
    is stored for editors to name."""
    if not message.sender_id:
        return PostAuthor(message.sender_name)
    author, _ = SourceAuthor.objects.select_related("user").get_or_create(
        receiver=message.receiver, sender_id=message.sender_id
    )
    name, person = author.name, None
    if author.person:
        person = find_people([author.person]).get(author.person)
        name = name or (get_person_name(person) if person else "")
    return PostAuthor(name or message.sender_name, author.user, person)


def write(
    family: Family, source: Source, row: ReceivedMessage, *, is_new: bool
) -> None:
    """Write the messages to the post; ``row`` is the one that has just arrived."""
    if family.post_id is None:
        _publish(family, source)
        return
    if family.post is None:
        return  # deleted by an editor
    note = ""
    if _is_changed_here(family):
        note = _("The message was edited after the post was changed here.")
        _follow_visibility(family)
    else:
        _edit(family, changes=_find_changes(family))
    if note != row.note:
        _note(row, note)
    if is_new and row.hidden_version:
        hide(family)  # the command came before the message
    _remember(family, post_id=family.post_id)


def refresh(message: ReceivedMessage) -> None:
    """Update the post with files and embeds that came after the messages."""
    family = Family(message)
    if family.post_id is None:
        if source := find_source(message.receiver, message.external_id):
            _publish(family, source)
    elif family.post is None:
        return  # deleted by an editor
    elif _is_changed_here(family):
        _add_files(family)
    else:
        _edit(family)


def hide(family: Family) -> None:
    if family.post is not None:
        posts.hide(family.channel, family.post, actor=SYSTEM)


def withdraw(family: Family, post: LivePost, row: ReceivedMessage) -> None:
    """Take a deleted message out of its post. Delete the post with its last message."""
    if not family.roots:
        posts.delete(family.channel, post, actor=SYSTEM)
    elif _is_changed_here(family):
        _note(row, _("The message was deleted after the post was changed here."))
    else:
        _edit(family)


def _publish(family: Family, source: Source) -> None:
    content = compose(family.members, family.channel)
    if not content:
        return  # only a file, which is not downloaded yet
    first = family.roots[0]
    fields = read_fields(first.body)[0]
    if fields.get("show") is False:
        return
    byline = find_byline(first)
    start = _find_start(family)
    now = cursors.now()
    try:
        post = posts.publish(
            family.channel,
            content,
            source=f"{first.receiver}/{first.external_id}",
            message_id=first.message_id,
            sent_at=min(cursors.to_aware(first.sent_at), now),
            author=byline.user,
            authors=[byline, *map(PostAuthor, fields.get("coauthors", ()))],
            title=start.get("title") or fields.get("title") or first.title,
            is_key_event=start.get("is_key_event", fields.get("is_key_event", False)),
            correction=fields.get("correction", ""),
            **_status_fields(family, source),
            actor=SYSTEM,
        )
    except posts.Withdrawn:
        return
    if start.get("pin") and post.show:
        posts.pin(family.channel, post, actor=SYSTEM)
    _remember(family, post_id=post.pk, fingerprint=fingerprint(post.content))
    if post.show or source.policy == Policy.HOLD:
        outcome = Outcome.PUBLISHED if post.show else Outcome.HELD
        report_outcome(first, outcome)


def _find_start(family: Family) -> dict:
    """Return what the preset of the messages gives the post, beside its blocks."""
    items = (item for root in family.roots for item in root.body)
    return next((item for item in items if "title" in item), {})


def _status_fields(family: Family, source: Source) -> dict:
    if family.is_hidden:
        return {"show": False}
    if source.policy == Policy.HOLD:
        return {"show": False, "submitted": True}
    if source.delay:
        return {"go_live_at": cursors.now() + timedelta(seconds=source.delay)}
    return {}


def _edit(family: Family, *, changes: dict[str, Any] | None = None) -> None:
    content = compose(family.members, family.channel)
    visibility = _visibility(family, content)
    values = {**(changes or {}), **visibility}
    post = posts.edit(
        family.channel, family.post, content=content, **values, actor=SYSTEM
    )
    was_emptied = family.fingerprint == EMPTIED or visibility.get("show") is False
    mark = EMPTIED if was_emptied and not content else fingerprint(post.content)
    _remember(family, fingerprint=mark)


def _visibility(family: Family, content: StreamValue) -> dict:
    """Hide an empty post, and show it again when it has content."""
    if not content and (family.post.show or family.post.go_live_at):
        return {"show": False, "go_live_at": None}
    if content and family.fingerprint == EMPTIED and not family.is_hidden:
        return {"show": True}
    return {}


def _find_changes(family: Family) -> dict[str, Any]:
    """Return the fields that the message has changed, and that are as it gave them before:
    what an editor has changed stays."""
    post, root = family.post, family.roots[0]
    fields, before = read_fields(root.body)
    changes = {
        name: fields[name]
        for name in ("title", "author_name", "is_key_event", "correction")
        if name in fields and getattr(post, name) == before.get(name)
    }
    coauthors = [each["name"] for each in post.coauthors]
    if "coauthors" in fields and coauthors == before.get("coauthors"):
        changes["coauthors"] = [PostAuthor(name) for name in fields["coauthors"]]
    created = cursors.to_timestamp(post.created)
    if fields.get("created") and created == before.get("created"):
        moved_to = cursors.from_timestamp(fields["created"])
        changes["created"] = min(moved_to, cursors.now())
    return {**changes, **_find_visibility(family)}


def _find_visibility(family: Family) -> dict[str, Any]:
    """Return what hides a post with its message, or shows it again."""
    fields, before = read_fields(family.roots[0].body)
    is_shown, was_shown = fields.get("show", True), before.get("show", True)
    if is_shown == was_shown:
        return {}
    if is_shown:
        return {"show": True} if family.post.first_published_at else {}
    return {"show": False, "go_live_at": None}


def _follow_visibility(family: Family) -> None:
    if visibility := _find_visibility(family):
        posts.edit(family.channel, family.post, **visibility, actor=SYSTEM)


def _is_changed_here(family: Family) -> bool:
    if family.fingerprint == EMPTIED:
        return bool(family.post.content)
    return fingerprint(family.post.content) != family.fingerprint


def _add_files(family: Family) -> None:
    content = [(child.block_type, child.value) for child in family.post.content]
    shown = {media.find_key(*block) for block in content}
    shown |= {("image", str(image.pk)) for image in family.post.images}
    missing = [
        block
        for block in file_blocks(family.members, get_post_block(family.channel))
        if media.find_key(*block) not in shown
    ]
    if missing:
        content = add_files(content, missing, get_post_block(family.channel))
        posts.edit(family.channel, family.post, content=content, actor=SYSTEM)


def add_files(
    content: list[Block], missing: list[Block], block: StreamBlock
) -> list[Block]:
    """Return the content with more files of an album: images in its last gallery, if it
    has one."""
    gallery_type, image_type = find_type(block, "gallery"), get_type(block, "image")
    places = [place for place, each in enumerate(content) if each[0] == gallery_type]
    if not places:
        return content + group_images(missing, block)
    last = places[-1]
    added = [value for block_type, value in missing if block_type == image_type]
    others = [each for each in missing if each[0] != image_type]
    gallery = (gallery_type, [*content[last][1], *added])
    return [*content[:last], gallery, *content[last + 1 :], *others]


def without_files(
    content: list[Block], keys: set[tuple[str, str]], block: StreamBlock
) -> list[Block]:
    """Return the content without some files, also in its galleries."""
    kept: list[Block] = []
    gallery_type, image_type = find_type(block, "gallery"), get_type(block, "image")
    for block_type, value in content:
        if isinstance(value, ListValue) and block_type == gallery_type:
            images = [image for image in value if ("image", str(image.pk)) not in keys]
            kept += group_images([(image_type, image) for image in images], block)
        elif media.find_key(block_type, value) not in keys:
            kept.append((block_type, value))
    return kept


def remove_files(message: ReceivedMessage, keys: set[tuple[str, str]]) -> None:
    """Take deleted files out of the post, also if an editor has changed it: nobody may see
    them any longer. ``keys`` are those of ``media.find_key``."""
    family = Family(message)
    if family.post is None:
        return
    if not _is_changed_here(family):
        return _edit(family)
    shown = [(child.block_type, child.value) for child in family.post.content]
    block = get_post_block(family.channel)
    content = build_content(without_files(shown, keys, block), family.channel)
    visibility = _visibility(family, content)
    posts.edit(family.channel, family.post, content=content, **visibility, actor=SYSTEM)


def _note(row: ReceivedMessage, note: str) -> None:
    row.note = note
    row.save(update_fields=["note"])


def _remember(family: Family, **values) -> None:
    keys = [root.pk for root in family.roots]
    ReceivedMessage.objects.filter(pk__in=keys).update(**values)


def report_outcome(
    message: ReceivedMessage, outcome: Outcome, reason: str = ""
) -> None:
    """Report the result of a message to its platform, after the commit."""
    where = message.receiver, message.external_id, message.message_id
    later(give_feedback, *where, outcome.value, reason)


@task()
def give_feedback(
    receiver: str, external_id: str, message_id: str, outcome: str, reason: str = ""
) -> None:
    """Call the receiver's ``feedback``."""
    if receiver in get_receivers():
        get_receivers()[receiver].feedback(
            external_id, message_id, Outcome(outcome), reason
        )
