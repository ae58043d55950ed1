"""Changes that links have to know about: of originals, of shares, and of pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from wagtail.models import PageViewRestriction
from wagtail.signals import page_published, page_unpublished, post_page_move

from ...models import Channel, LivePost
from ...signals import live_page_updating
from .copying import make_digest
from .following import is_following, mark_due
from .models import Ending, SharedPost

UID = "wagtail_live_sharing"
OVERVIEW = ("pinned", "unpinned")  # actions with a post, which doesn't change
ENDINGS = {"hidden": Ending.HIDDEN, "deleted": Ending.DELETED}


def connect() -> None:
    live_page_updating.connect(note_update, dispatch_uid=UID)
    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(note_page, dispatch_uid=UID)
    for signal in (post_save, post_delete):
        signal.connect(note_restriction, sender=PageViewRestriction, dispatch_uid=UID)


def note_update(
    sender: Any, channel: Channel, post_id: UUID | None, action: str, **kwargs: Any
) -> None:
    """Note, in the transaction of an update, which shares it concerns."""
    if action == "imported":  # several posts at once
        mark_due(SharedPost.objects.filter(original_channel=channel))
    if post_id is None or action in OVERVIEW:
        return
    concerned = Q(original_id=post_id) | Q(post_id=post_id)
    links = list(SharedPost.objects.filter(concerned))
    keys = [link.pk for link in links if link.original_id == post_id]
    if keys:
        mark_due(SharedPost.objects.filter(pk__in=keys))
    for link in links:
        if link.post_id == post_id and not is_following():
            _note_own_change(link, channel, action)


def _note_own_change(link: SharedPost, channel: Channel, action: str) -> None:
    """End a link after a change here, other than of the state of the post, and take it up
    again if its deletion is undone."""
    rows = SharedPost.objects.filter(pk=link.pk)
    if link.ended == Ending.DELETED and action == "restored":
        rows.update(ended="")
        mark_due(rows)
    if link.ended:
        return
    ending = ENDINGS.get(action, "")
    if not ending:
        post = LivePost.objects.get(pk=link.post_id, channel=channel)
        ending = Ending.EDITED if make_digest(post) != link.digest else ""
    if ending:
        rows.update(ended=ending, due_at=None)
    else:
        mark_due(rows)  # the original may have been hidden since


def note_page(instance: Any, **kwargs: Any) -> None:
    """Bring shares up to date whose original is on a page that was published, unpublished
    or moved, or below it."""
    _mark_below(instance)


def note_restriction(instance: PageViewRestriction, **kwargs: Any) -> None:
    _mark_below(instance.page)


def _mark_below(page: Any) -> None:
    below = Q(original_channel__page__path__startswith=page.path)
    mark_due(
        SharedPost.objects.filter(below | Q(channel__page__path__startswith=page.path))
    )
