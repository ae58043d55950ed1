"""The rights to write a live page, which follow from the permissions on the page.

Users who may edit the page may write and submit drafts; those who may publish it may do
everything. A locked page is read-only.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from wagtail.permission_policies.pages import PagePermissionPolicy

from .models import Channel
from .text import normalise_line

NAME_FIELDS = ("first_name", "last_name", "name", "full_name", "display_name")
MAX_WORDS = 5


class OnlyDrafts(PermissionDenied):
    """The actor may write drafts, but not what readers see."""


class OnlyOwnName(PermissionDenied):
    """The actor may write only in their own name."""


class Rights(NamedTuple):
    """The rights of an actor on the posts of a channel."""

    may_draft: bool
    may_publish: bool

    def require(self, *, publishing: bool) -> None:
        """Raise ``PermissionDenied`` if the rights are not sufficient."""
        if not (self.may_publish if publishing else self.may_draft):
            raise OnlyDrafts if self.may_draft else PermissionDenied


ALL_RIGHTS = Rights(may_draft=True, may_publish=True)
NO_RIGHTS = Rights(may_draft=False, may_publish=False)


class Actor(Protocol):
    """The author of a change. ``user`` is named in the history, if there is one."""

    @property
    def user(self) -> Any: ...

    def rights_on(self, channel: Channel) -> Rights: ...


class System(NamedTuple):
    """The site's own code, which may do everything."""

    user: None = None

    def rights_on(self, channel: Channel) -> Rights:
        return ALL_RIGHTS


class UserActor(NamedTuple):
    """A user, who has the rights that they have on the page."""

    user: Any

    def rights_on(self, channel: Channel) -> Rights:
        return get_rights(self.user, channel.page.specific_deferred)


SYSTEM = System()


def to_actor(actor: Any) -> Actor:
    """Return the actor that a caller of ``posts`` gave: a user, an object such as an API
    token that has ``user`` and ``rights_on``, or ``SYSTEM``."""
    if hasattr(actor, "rights_on"):
        return actor
    if hasattr(actor, "has_perm"):
        return UserActor(actor)
    raise TypeError(
        f"{actor!r} is not an actor. Give a user, an API token or permissions.SYSTEM."
    )


def require_own_name(
    actor: Actor,
    *,
    author_id: Any,
    author_name: str,
    coauthors: list,
    author_details: dict[str, str],
) -> None:
    """Raise ``OnlyOwnName`` if a post has other authors than the actor, or their name.
    They may say what their role is."""
    user = actor.user
    own_ids = (None,) if user is None else (None, user.pk)
    # The owner of a token of their own chooses its name.
    name = get_name(user) if user else getattr(actor, "name", "")
    names = ("", name) if user is None else ("", name, user.get_username())
    is_other = coauthors or "person" in author_details
    if is_other or author_id not in own_ids or author_name not in names:
        raise OnlyOwnName


def get_name(user: Any) -> str:
    """Return the full name of a user, ``""`` for one without."""
    get_full_name = getattr(user, "get_full_name", str)  # optional in custom models
    return normalise_line(get_full_name())


def get_writers(page: Any) -> QuerySet:
    """Return the active users who may write posts of a page."""
    return PagePermissionPolicy().users_with_any_permission_for_instance(
        {"change", "publish"}, page
    )


def get_publishers(page: Any, *, include_superusers: bool = True) -> QuerySet:
    """Return the active users who may publish posts of a page."""
    return PagePermissionPolicy().users_with_permission_for_instance(
        "publish", page, include_superusers=include_superusers
    )


def find_writers(page: Any, words: str) -> QuerySet:
    """Return the users who may write posts of a page and whose names have these words."""
    model = get_user_model()
    fields = {field.name for field in model._meta.concrete_fields}
    named = [name for name in (*NAME_FIELDS, model.USERNAME_FIELD) if name in fields]
    found = get_writers(page).select_related("wagtail_userprofile")
    for word in words.split()[:MAX_WORDS]:
        has_word = Q()
        for name in named:
            has_word |= Q(**{f"{name}__icontains": word})
        found = found.filter(has_word)
    return found.order_by(*named)


def may_read(user, page) -> bool:
    """Return whether the user may see all posts of the page, hidden ones included."""
    rights = page.permissions_for_user(user)
    return rights.can_edit() or rights.can_publish()


def may_draft(user, page) -> bool:
    """Return whether the user may now write posts that readers don't see."""
    return get_rights(user, page).may_draft


def may_publish(user, page) -> bool:
    """Return whether the user may now do everything with the posts."""
    return get_rights(user, page).may_publish


def get_rights(user, page) -> Rights:
    """Return the user's current rights on the posts of a page."""
    tester = page.permissions_for_user(user)
    if tester.page_locked():
        return NO_RIGHTS
    if tester.can_publish():
        return ALL_RIGHTS
    return Rights(may_draft=tester.can_edit(), may_publish=False)


def get_desk_state(user, page) -> str | None:
    """Return what the user may do at the desk, as a text that is compared; ``None`` if
    they may not see it."""
    if not may_read(user, page):
        return None
    return describe(*get_rights(user, page), get_lock(user, page))


def describe(may_draft: bool, may_publish: bool, lock: Any) -> str:
    """Return rights and a lock as a text, which differs for other ones."""
    locked = f"-{type(lock).__name__}-{lock.object.locked_by_id}" if lock else ""
    return f"{may_draft:d}{may_publish:d}{locked}"


def get_lock(user, page):
    """Return the lock that makes the page read-only for the user, if there is one."""
    lock = page.get_lock()
    return lock if lock and lock.for_user(user) else None
