"""Who may do what at the desk of a live page; the writer asks for the rights, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import swapper
from django.http import Http404

from ... import permissions
from ...models import LivePageMixin, PostStatus

UNPUBLISHED = (PostStatus.DRAFT, PostStatus.SUBMITTED)


@dataclass(frozen=True)
class DeskRights:
    """What somebody may do at a desk, and the lock that makes it read-only, if any."""

    may_read: bool
    may_draft: bool
    may_publish: bool
    lock: Any = None

    def may_change(self, post) -> bool:
        """What readers have seen, or are to see at a set time, is the publisher's."""
        return self.may_publish or (self.may_draft and post.status in UNPUBLISHED)


def get_live_page(page_id: int):
    """The live page, or the source of an alias, which has the posts; 404 otherwise."""
    page_model = swapper.load_model("wagtailcore", "Page")
    page = page_model.objects.filter(pk=page_id).select_related("alias_of").first()
    if page is not None:
        page = (page.alias_of or page).specific
    if not isinstance(page, LivePageMixin):
        raise Http404
    return page


def get_desk_rights(user, page) -> DeskRights:
    rights = permissions.get_rights(user, page)
    return DeskRights(
        may_read=permissions.may_read(user, page),
        lock=permissions.get_lock(user, page),
        **rights._asdict(),
    )
