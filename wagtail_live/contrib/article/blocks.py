"""The link to a page in a post."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import PageChooserBlock
from wagtail.models import PageViewRestriction


class LiveArticleBlock(PageChooserBlock):
    """A link to a page of the site. It is shown while everybody may read the page."""

    def bulk_to_python(self, values: Iterable[Any]) -> list[Any]:
        pages = super().bulk_to_python(values)
        find_public([page for page in pages if page])
        return pages

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        return {**context, "url": get_public_url(value)}

    def get_searchable_content(self, value: Any) -> list[str]:
        return [value.title] if get_public_url(value) else []

    def get_api_representation(self, value: Any, context: Any = None) -> Any:
        """Return what the block accepts, and title and URL if everybody may read the page."""
        if value is None:
            return None
        base_url = (context or {}).get("base_url", "")
        url = get_public_url(value)
        shown = {"title": value.title, "url": urljoin(base_url, url)} if url else {}
        return {"page": value.pk, **shown}

    class Meta:
        icon = "doc-full"
        label = _("Article")
        template = "wagtail_live/article/link.html"


def find_public(pages: list[Any]) -> None:
    """Note on each page whether everybody may read it, with one query for all."""
    paths = {prefix for page in pages for prefix in _list_paths(page)}
    restricted = PageViewRestriction.objects.filter(page__path__in=paths)
    closed = set(restricted.values_list("page__path", flat=True)) if paths else set()
    for page in pages:
        page.live_is_public = page.live and closed.isdisjoint(_list_paths(page))


def _list_paths(page: Any) -> list[str]:
    """Return the paths of a page and its ancestors."""
    return [
        page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)
    ]


def get_public_url(page: Any) -> str:
    """Return the URL of a page that everybody may read, ``""`` for any other."""
    if page is None:
        return ""
    if not hasattr(page, "live_is_public"):
        find_public([page])
    return (page.live_is_public and page.specific_deferred.url) or ""
