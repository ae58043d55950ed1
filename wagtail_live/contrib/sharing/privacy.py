"""The pages that readers see, and whether a share would show them more."""

from __future__ import annotations

from typing import Any

from wagtail.models import PageViewRestriction


def is_exposed(source: Any, target: Any) -> bool:
    """Return whether readers of a page could see posts of another one there that they can't
    open: it is not published, or has view restrictions that this one doesn't have."""
    if not source.live:
        return True
    return not get_restrictions(source) <= get_restrictions(target)


def get_restrictions(page: Any) -> set[Any]:
    return set(page.get_view_restrictions().values_list("pk", flat=True))


def is_public(page: Any) -> bool:
    """Return whether everybody may read a page."""
    return page.pk in find_public([page])


def find_public(pages: list[Any]) -> set[Any]:
    """Return the keys of those pages that everybody may read, with one query."""
    paths = {path for page in pages for path in list_paths(page)}
    restricted = PageViewRestriction.objects.filter(page__path__in=paths)
    closed = set(restricted.values_list("page__path", flat=True)) if paths else set()
    return {
        page.pk for page in pages if page.live and closed.isdisjoint(list_paths(page))
    }


def list_paths(page: Any) -> list[str]:
    """Return the paths of a page and its ancestors."""
    return [
        page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)
    ]
