"""Where a post of another site comes from: for readers, and for further sites."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from ...models import LivePost, ReceivedMessage
from ...origins import Chain
from ...receivers import get_receivers
from ...receivers.composing import read_fields
from .receiver import SyndicationReceiver


def find_credits(posts: Sequence[LivePost]) -> dict[UUID, dict[str, str]]:
    """Return the title of the page that each post comes from, and the URL of the post."""
    found = _read([post.pk for post in posts])
    sources = {pk: fields.get("source") or {} for pk, fields in found.items()}
    return {pk: source for pk, source in sources.items() if source.get("title")}


def find_chain(post_id: UUID) -> Chain | None:
    """Return the sites and posts that a post comes from."""
    return _read([post_id]).get(post_id, {}).get("origins")


def _read(post_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    names = [
        name
        for name, receiver in get_receivers().items()
        if isinstance(receiver, SyndicationReceiver)
    ]
    if not names:
        return {}
    rows = ReceivedMessage.objects.filter(post_id__in=post_ids, receiver__in=names)
    return {row.post_id: read_fields(row.body)[0] for row in rows}
