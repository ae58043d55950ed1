"""The live pages to which an editor may bring a post."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Q

from ...admin.listing import annotate_activity, get_live_pages, order_by_activity
from ...models import Channel
from ...permissions import get_rights

MAX_PLACES = 20
MAX_WORDS = 5


class Place(NamedTuple):
    """A live page, and whether the post is published there or only submitted."""

    page: Any
    may_publish: bool


def find_places(user: Any, taken: Iterable[Any], words: str = "") -> list[Place]:
    """Return the pages other than those with the keys ``taken`` on which a user may write
    now, with these words in their titles: those that are live first."""
    pages = get_live_pages(user).exclude(pk__in=taken)
    for word in words.split()[:MAX_WORDS]:
        pages = pages.filter(Q(title__icontains=word) | Q(draft_title__icontains=word))
    pages = order_by_activity(annotate_activity(pages))
    places = []
    for each in pages[: 5 * MAX_PLACES]:
        rights = get_rights(user, each.specific_deferred)
        if rights.may_draft:
            places.append(Place(each, rights.may_publish))
    return places[:MAX_PLACES]


def find_place(user: Any, page: Any, key: str) -> Place | None:
    """Return the page with a key, if it is one of those."""
    if not (key.isascii() and key.isdigit()):
        return None
    found = get_live_pages(user).exclude(pk=page.pk).filter(pk=int(key[:18])).first()
    if found is None:
        return None
    rights = get_rights(user, found.specific)
    return Place(found.specific, rights.may_publish) if rights.may_draft else None


def has_places(user: Any, page: Any) -> bool:
    return get_live_pages(user).exclude(pk=page.pk).exists()


def get_channel(page: Any) -> Channel:
    return Channel.objects.for_page(page)
