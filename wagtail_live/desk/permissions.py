"""Who may write a live page: whoever may publish it, while it isn't locked."""

from __future__ import annotations

import swapper
from django.core.exceptions import PermissionDenied
from django.http import Http404

from ..models import LivePageMixin


def get_live_page(page_id: int):
    """The live page, or the source of an alias, which has the posts; 404 otherwise."""
    page_model = swapper.load_model("wagtailcore", "Page")
    page = page_model.objects.filter(pk=page_id).select_related("alias_of").first()
    if page is not None:
        page = (page.alias_of or page).specific
    if not isinstance(page, LivePageMixin):
        raise Http404
    return page


def get_publishable_page(user, page_id: int):
    page = get_live_page(page_id)
    if not may_publish(user, page):
        raise PermissionDenied
    return page


def may_publish(user, page) -> bool:
    """Whether the user may see all posts of the page, and write them."""
    return page.permissions_for_user(user).can_publish()


def get_lock(user, page):
    """The lock that makes the page read-only for the user, if there is one."""
    if page.permissions_for_user(user).page_locked():
        return page.get_lock()
    return None
