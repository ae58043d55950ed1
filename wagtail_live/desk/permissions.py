"""Who may write a live page: whoever may publish it."""

from __future__ import annotations

import swapper
from django.core.exceptions import PermissionDenied
from django.http import Http404

from ..models import LivePageMixin


def get_live_page(page_id: int):
    """The live page, or the source of an alias, which has the posts; 404 otherwise."""
    page_model = swapper.load_model("wagtailcore", "Page")
    page = page_model.objects.filter(pk=page_id).first()
    if page is not None:
        page = (page.alias_of or page).specific
    if not isinstance(page, LivePageMixin):
        raise Http404
    return page


def may_write(user, page) -> bool:
    """Whether the user may publish, change and withdraw posts of the page."""
    permissions = page.permissions_for_user(user)
    return permissions.can_publish() and not permissions.page_locked()


def get_writable_page(user, page_id: int):
    page = get_live_page(page_id)
    if not may_write(user, page):
        raise PermissionDenied
    return page
