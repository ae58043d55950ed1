"""Where an editor may add the page that is made of a post."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from wagtail.permission_policies.pages import PagePermissionPolicy

from .conf import get_types_of

POST = "live_post"  # the post in the URL and in the form of the new page


def may_add_pages(user: Any) -> bool:
    """Return whether a user may add pages anywhere."""
    return PagePermissionPolicy().user_has_permission(user, "add")


def may_add(user: Any, model: Any, parent: Any) -> bool:
    """Return whether a user may add a page of this type below another page."""
    if parent is None or not parent.permissions_for_user(user).can_add_subpage():
        return False
    allowed = parent.specific_class.creatable_subpage_models()
    return model in allowed and model.can_create_at(parent.specific_deferred)


def find_parent(user: Any, model: Any, page: Any) -> Any:
    """Return the page below which a new page is added if the editor chooses no other:
    ``get_live_article_parent(model)`` of the live page, or else the parent of the live page,
    the live page itself, or the nearest of its other ancestors."""
    get_parent = getattr(page, "get_live_article_parent", None)
    parents = [get_parent(model)] if get_parent else list_parents(page)
    return next((each for each in parents if may_add(user, model, each)), None)


def list_parents(page: Any) -> Iterator[Any]:
    ancestors = [each for each in page.get_ancestors().specific() if each.depth > 1]
    yield from ancestors[-1:]
    yield page
    yield from reversed(ancestors[:-1])


def find_places(user: Any, page: Any) -> list[tuple[Any, Any]]:
    """Return the page types that can be made of posts, each with the page below which it is
    added; ``None`` if the editor has to choose one."""
    if not may_add_pages(user):
        return []
    return [(model, find_parent(user, model, page)) for model in get_types_of(page)]


def get_add_url(model: Any, parent: Any, post_id: Any) -> str:
    """Return the URL of Wagtail's form for a new page, filled with a post."""
    names = model._meta.app_label, model._meta.model_name
    url = reverse("wagtailadmin_pages:add", args=[*names, parent.pk])
    return f"{url}?{POST}={post_id}"
