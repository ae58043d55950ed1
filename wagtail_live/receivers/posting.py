"""The post of a family of messages, through ``posts`` like every other.

Called in a turn on the channel. What an editor has changed stays as it is: a correction
that comes later is only noted, because it may bring back what was taken out.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.blocks import StreamValue

from .. import cursors, posts
from ..models import LivePost, Policy, ReceivedMessage, Source
from ..permissions import SYSTEM
from . import background
from .base import Outcome
from .composing import compose, fingerprint, picture_blocks
from .families import Family
from .sources import find_byline

EMPTIED = "emptied"  # the fingerprint of a post that went as nothing was left in it


def write(
    family: Family, source: Source, row: ReceivedMessage, *, is_new: bool
) -> None:
    """Let the post say what its messages say, of which ``row`` is the one that came."""
    if family.post_id is None:
        _publish(family, source)
        return
    if family.post is None:
        return  # an editor has deleted it
    if _is_changed_here(family):
        _note(row, _("Edited where it came from, after the post was changed here."))
    else:
        _edit(family)
    if is_new and row.hidden_version:
        hide(family)  # asked for before the message came
    _remember(family, post_id=family.post_id)


def refresh(family: Family, source: Source | None) -> None:
    """Let the post show what came after its messages: pictures, embeds."""
    if family.post_id is None:
        if source is not None:
            _publish(family, source)
    elif family.post is None:
        return  # an editor has deleted it
    elif _is_changed_here(family):
        _add_pictures(family)
    else:
        _edit(family)


def hide(family: Family) -> None:
    if family.post is not None:
        posts.hide(family.channel, family.post, actor=SYSTEM)


def withdraw(family: Family, post: LivePost, row: ReceivedMessage) -> None:
    """Take a deleted message out of its post, which goes with its last one."""
    if not family.heads:
        posts.delete(family.channel, post, actor=SYSTEM)
    elif _is_changed_here(family):
        _note(row, _("Deleted where it came from, after the post was changed here."))
    else:
        _edit(family)


def _publish(family: Family, source: Source) -> None:
    content = compose(family.members)
    if not content:
        return  # a picture alone, which is still to come
    first = family.heads[0]
    byline = find_byline(first)
    now = timezone.now()
    try:
        post = posts.publish(
            family.channel,
            content,
            source=f"{first.receiver}/{first.external_id}",
            message_id=first.message_id,
            created=min(cursors.in_current_mode(first.sent_at), now),
            author=byline.user,
            author_name=byline.name,
            **_stage(family, source),
            actor=SYSTEM,
        )
    except posts.Withdrawn:
        return
    _remember(family, post_id=post.pk, fingerprint=fingerprint(post.content))
    if post.show or source.policy == Policy.HOLD:
        outcome = Outcome.PUBLISHED if post.show else Outcome.HELD
        background.give_feedback(first, outcome)


def _stage(family: Family, source: Source) -> dict:
    if family.is_hidden:
        return {"show": False}
    if source.policy == Policy.HOLD:
        return {"show": False, "submitted": True}
    if source.delay:
        return {"go_live_at": timezone.now() + timedelta(seconds=source.delay)}
    return {}


def _edit(family: Family) -> None:
    content = compose(family.members)
    visibility = _visibility(family, content)
    post = posts.edit(
        family.channel, family.post, content=content, **visibility, actor=SYSTEM
    )
    was_emptied = family.fingerprint == EMPTIED or visibility.get("show") is False
    mark = EMPTIED if was_emptied and not content else fingerprint(post.content)
    _remember(family, fingerprint=mark)


def _visibility(family: Family, content: StreamValue) -> dict:
    """A post in which nothing is left goes, and comes back with what is written then."""
    if not content and (family.post.show or family.post.go_live_at):
        return {"show": False, "go_live_at": None}
    if content and family.fingerprint == EMPTIED and not family.is_hidden:
        return {"show": True}
    return {}


def _is_changed_here(family: Family) -> bool:
    if family.fingerprint == EMPTIED:
        return bool(family.post.content)
    return fingerprint(family.post.content) != family.fingerprint


def _add_pictures(family: Family) -> None:
    content = [(child.block_type, child.value) for child in family.post.content]
    shown = {image.pk for image in family.post.images}
    missing = [
        (block_type, image)
        for block_type, image in picture_blocks(family.members)
        if image.pk not in shown
    ]
    if missing:
        posts.edit(family.channel, family.post, content=content + missing, actor=SYSTEM)


def _note(row: ReceivedMessage, note: str) -> None:
    row.note = note
    row.save(update_fields=["note"])


def _remember(family: Family, **values) -> None:
    keys = [head.pk for head in family.heads]
    ReceivedMessage.objects.filter(pk__in=keys).update(**values)
