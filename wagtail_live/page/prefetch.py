"""What the posts of a page need from other tables, in one query for each table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Prefetch, prefetch_related_objects
from wagtail.embeds.models import Embed
from wagtail.images.models import AbstractImage

from ..blocks import IMAGE_SPECS, PREVIEW_SPECS, StoredEmbedValue
from ..models import LivePost


def prefetch_blocks(posts: Sequence[LivePost]) -> None:
    """Resolve the blocks of all posts together, whatever blocks the site has; then the
    renditions of their images, and their embeds."""
    places = defaultdict(list)
    for post in posts:
        for index, raw in enumerate(post.content.raw_data):
            places[raw["type"]].append((post.content, index, raw))
    values = []
    for name, found in places.items():
        block = LivePost._meta.get_field("content").stream_block.child_blocks.get(name)
        if block is None:
            continue  # a block that the site no longer offers
        resolved = block.bulk_to_python([raw["value"] for _, _, raw in found])
        for (content, index, raw), value in zip(found, resolved, strict=True):
            content[index] = name, value, raw.get("id")
        values += resolved
    _prefetch_renditions(
        [value for value in values if isinstance(value, AbstractImage)]
    )
    _prefetch_embeds([value for value in values if isinstance(value, StoredEmbedValue)])


def _prefetch_renditions(images: list[AbstractImage]) -> None:
    if not images:
        return
    renditions = (
        images[0]
        .get_rendition_model()
        .objects.filter(filter_spec__in=[*IMAGE_SPECS, *PREVIEW_SPECS])
    )
    prefetch_related_objects(
        images, Prefetch("renditions", renditions, to_attr="prefetched_renditions")
    )


def _prefetch_embeds(embeds: Iterable[StoredEmbedValue]) -> None:
    by_hash = {embed.hash: embed for embed in embeds}
    if not by_hash:
        return
    stored = Embed.objects.in_bulk(list(by_hash), field_name="hash")
    for embed in embeds:
        embed.stored = stored.get(embed.hash)
