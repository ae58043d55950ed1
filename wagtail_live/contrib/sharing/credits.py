"""Where a shared post comes from: for readers, and for other sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ...models import LivePost
from .models import SharedPost
from .privacy import find_public


def find_credits(posts: Sequence[LivePost]) -> dict[UUID, dict[str, Any]]:
    """Return the context of the credit of each share: the title of the page of the original
    if everybody may read it, with the URL of the original while readers see that."""
    links = SharedPost.objects.filter(post_id__in=[post.pk for post in posts])
    found = list(links.select_related("original_channel__page"))
    if not found:
        return {}
    public = find_public([link.original_channel.page for link in found])
    ids = [link.original_id for link in found]
    shown = set(
        LivePost.objects.visible().filter(pk__in=ids).values_list("pk", flat=True)
    )
    credits = {}
    for link in found:
        page = link.original_channel.page
        if page.pk in public:
            url = page.specific_deferred.url if link.original_id in shown else ""
            url = f"{url}?post={link.original_id}" if url else ""
            credits[link.post_id] = {"title": page.title, "url": url}
    return credits


def find_origin(post_id: UUID) -> UUID | None:
    """Return the original of a share."""
    links = SharedPost.objects.filter(post_id=post_id)
    return links.values_list("original_id", flat=True).first()
