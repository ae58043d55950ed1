"""Who may write a live page: the rights are those on the page itself.

Who may edit the page may write drafts and submit them, who may publish it may do
everything. A locked page, whatever locks it, is read-only.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied

from .models import Channel, ChannelDeleted


class Rights(NamedTuple):
    """What somebody may do with the posts of a channel."""

    may_draft: bool
    may_publish: bool

    def require(self, *, publishing: bool) -> None:
        """``PermissionDenied`` where the rights are not enough."""
        if not (self.may_publish if publishing else self.may_draft):
            raise PermissionDenied


EVERYTHING = Rights(may_draft=True, may_publish=True)


def may_read(user, page) -> bool:
    """Whether the user may see all posts of the page, also the hidden ones."""
    rights = page.permissions_for_user(user)
    return rights.can_edit() or rights.can_publish()


def may_draft(user, page) -> bool:
    """Whether the user may write posts that readers don't see, as things are now."""
    return get_rights(user, page).may_draft


def may_publish(user, page) -> bool:
    """Whether the user may do everything with the posts, as things are now."""
    return get_rights(user, page).may_publish


def get_rights(user, page) -> Rights:
    tester = page.permissions_for_user(user)
    can_publish = tester.can_publish()
    may_write = can_publish or tester.can_edit()
    if not may_write or tester.page_locked():
        return Rights(may_draft=False, may_publish=False)
    return Rights(may_draft=True, may_publish=can_publish)


def get_lock(user, page):
    """The lock that makes the page read-only for the user, if there is one."""
    lock = page.get_lock()
    return lock if lock and lock.for_user(user) else None


def rights_on_channel(user: Any | None, channel: Channel) -> Rights:
    """The rights of who writes; a machine (``None``) is trusted."""
    if user is None:
        return EVERYTHING
    try:
        page = channel.page.specific_deferred
    except ObjectDoesNotExist:
        raise ChannelDeleted from None
    return get_rights(user, page)
