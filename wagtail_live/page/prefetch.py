"""Prefetching for posts: one query for each other table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Prefetch, prefetch_related_objects
from wagtail.embeds.models import Embed
from wagtail.images.models import AbstractImage

from ..blocks import IMAGE_SPECS, PREVIEW_SPECS, StoredEmbedValue
from ..models import LivePost


def prefetch_blocks(posts: Sequence[LivePost]) -> None:
    """Resolve the blocks of all posts together, then the renditions of their images, and
    their embeds."""
    positions = defaultdict(list)
    for post in posts:
        for index, raw in enumerate(post.content.raw_data):
            positions[raw["type"]].append((post.content, index, raw))
    values = []
    for name, found in positions.items():
        block = LivePost._meta.get_field("content").stream_block.child_blocks.get(name)
        if block is None:
            continue  # a block that the site no longer offers
        resolved = block.bulk_to_python([raw["value"] for _, _, raw in found])
        for (content, index, raw), value in zip(found, resolved, strict=True):
            content[index] = name, value, raw.get("id")
        values += resolved
    _prefetch_renditions([each for each in values if isinstance(each, AbstractImage)])
    _prefetch_embeds([each for each in values if isinstance(each, StoredEmbedValue)])


def _prefetch_renditions(images: list[AbstractImage]) -> None:
    if images:
        renditions = images[0].get_rendition_model().objects
        specs = [*IMAGE_SPECS, *PREVIEW_SPECS]
        queryset = renditions.filter(filter_spec__in=specs)
        prefetch_related_objects(
            images, Prefetch("renditions", queryset, to_attr="prefetched_renditions")
        )


def _prefetch_embeds(embeds: list[StoredEmbedValue]) -> None:
    if embeds:
        hashes = {embed.hash for embed in embeds}
        stored = Embed.objects.in_bulk(hashes, field_name="hash")
        for embed in embeds:
            embed.stored = stored.get(embed.hash)
