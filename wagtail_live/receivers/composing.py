"""The messages of a post, and the content built from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import copy
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from wagtail.blocks import StreamBlock, StreamValue
from wagtail.images import get_image_model
from wagtail.rich_text import RichText

from ..blocks import StoredEmbedValue
from ..blocks.tables import read_table
from ..models import (
    Channel,
    LivePost,
    ReceivedImage,
    ReceivedMessage,
    get_post_block,
)
from ..posts.content import build_content, find_type, without_ids
from . import media
from .base import get_kind
from .document import (
    Body,
    Link,
    Paragraph,
    Section,
    Table,
    plain_text,
    split_at_lone_links,
    to_html,
)

Part = list[dict]
Block = tuple[str, object]


class Family:
    """A message, or all of its album, with the replies in their threads.

    Create it under the channel's lock, because it caches the rows.
    """

    def __init__(self, row: ReceivedMessage):
        self.row = row
        self.channel = row.channel
        self._rows = ReceivedMessage.objects.filter(
            receiver=row.receiver, external_id=row.external_id, channel=row.channel
        )

    @cached_property
    def roots(self) -> list[ReceivedMessage]:
        """The known messages that are neither replies nor deleted, in order."""
        root = self._root
        if root is None:
            return []
        if not root.group_id:
            is_known = root.version is not None and not root.is_deleted
            return [root] if is_known else []
        return self._sorted(self._rows.filter(group_id=root.group_id, reply_to=""))

    @cached_property
    def members(self) -> list[ReceivedMessage]:
        """The messages in order; empty if only replies are left."""
        if not self.roots:
            return []
        ids = [root.message_id for root in self.roots]
        return self.roots + self._sorted(self._rows.filter(reply_to__in=ids))

    @cached_property
    def post_id(self):
        """The id of the post made from the messages, also after it was deleted."""
        return next((root.post_id for root in self.roots if root.post_id), None)

    @cached_property
    def post(self) -> LivePost | None:
        return self.channel.posts.filter(pk=self.post_id).first()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the content last written from the messages."""
        return next((root.fingerprint for root in self.roots if root.fingerprint), "")

    @property
    def is_withdrawn(self) -> bool:
        """``True`` for a reply to a deleted message, and in an album deleted as a whole."""
        if self._root is not None and self._root.is_deleted:
            return True
        album = self._rows.filter(group_id=self.row.group_id, withdraws_group=True)
        return bool(self.row.group_id) and album.exists()

    @property
    def withdrawn_with_row(self) -> list[ReceivedMessage]:
        """The other messages of an album that is deleted as a whole."""
        if not (self.row.withdraws_group and self.row.group_id):
            return []
        return [root for root in self.roots if root.pk != self.row.pk]

    @property
    def replies(self) -> QuerySet[ReceivedMessage]:
        return self._rows.filter(reply_to=self.row.message_id)

    @property
    def is_hidden(self) -> bool:
        """``True`` if the sender of a command has asked to hide the post."""
        return any(member.hidden_version for member in self.members)

    @cached_property
    def _root(self) -> ReceivedMessage | None:
        if not self.row.reply_to:
            return self.row
        return self._rows.filter(message_id=self.row.reply_to).first()

    def _sorted(self, rows) -> list[ReceivedMessage]:
        alive = rows.filter(is_deleted=False, version__isnull=False)
        return sorted(alive, key=lambda row: row.sort_key)


def to_part(body: Body) -> Part:
    """Return a message's part of its post. ``TooLong`` if its text is too long."""
    part: Part = []
    for is_section, blocks in groupby(body, lambda block: isinstance(block, Section)):
        if not is_section:
            part += _to_items(tuple(blocks))
            continue
        for section in blocks:
            if section.blocks is None:
                part.append({"unchanged": section.name})
            else:
                items = _to_items(section.blocks)
                part += [{**item, "section": section.name} for item in items]
    return part


def merge(part: Part, known: Part, fields: Mapping[str, Any] | None = None) -> Part:
    """Return the part of an edited message. Sections that the edit leaves out are those
    of the ``known`` part, and so is what the same preset begins with; of links the attempts
    there count."""
    part = [item for each in part for item in _find_unchanged(each, known)]
    if fields is not None:
        before, _ = read_fields(known)
        part.append({"fields": {**before, **fields}, "before": before})
    started = {item["preset"]: item for item in known if "preset" in item}
    part = [started.get(item.get("preset"), item) for item in part]
    tried = {
        item["link"]: {"is_tried": item["is_tried"], "attempts": item["attempts"]}
        for item in known
        if item.get("attempts")
    }
    return [
        {**item, **tried.get(item["link"], {})} if "link" in item else item
        for item in part
    ]


def read_fields(part: Part) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the message gives its post beside the content, and what it gave before
    the latest edit."""
    item = next((each for each in part if "fields" in each), {})
    return item.get("fields", {}), item.get("before", {})


def _to_items(body: Body) -> Iterator[dict]:
    for piece in split_at_lone_links(body):
        if isinstance(piece, str):
            yield {"link": piece, "is_tried": False}
            continue
        for is_table, blocks in groupby(piece, lambda one: isinstance(one, Table)):
            if is_table:
                yield from map(_to_table_item, blocks)
            elif html := to_html(blocks):
                yield {"text": html}


def _to_table_item(table: Table) -> dict:
    """Return a table as its block has it, and as lines for sites without that block."""
    rows = [["".join(map(plain_text, cell)) for cell in row] for row in table.rows]
    item = {"text": to_html((table,))}
    with suppress(ValueError):
        found = read_table({"rows": rows, "caption": table.caption})
        if len(found["rows"]) > 1:
            item["table"] = found
    return item


def _find_unchanged(item: dict, known: Part) -> Part:
    if "unchanged" not in item:
        return [item]
    return [one for one in known if one.get("section") == item["unchanged"]]


def has_new_links(message: ReceivedMessage) -> bool:
    """Return whether there are links that were never tried as embeds."""
    links = (item for item in message.body if "link" in item)
    return any(not item["is_tried"] and not item.get("attempts") for item in links)


def untried_links(message: ReceivedMessage) -> list[str]:
    """Return the links that are to be tried as embeds."""
    links = (item for item in message.body if "link" in item)
    return [item["link"] for item in links if not item["is_tried"]]


def compose(
    messages: list[ReceivedMessage], channel: Channel | None = None
) -> StreamValue:
    """Return the content of a post of a channel, without using the network."""
    block = get_post_block(channel)
    text_type = get_type(block, "text")
    # An album's texts stand above its images; each reply stands on its own.
    messages = sorted(messages, key=lambda message: message.sort_key)
    groups = groupby(messages, key=lambda message: message.reply_to and message.pk)
    blocks = [each for _, group in groups for each in _blocks(list(group), block)]
    return build_content(list(_join_texts(blocks, text_type)), channel)


def file_blocks(
    messages: Iterable[ReceivedMessage], block: StreamBlock
) -> Iterator[Block]:
    """Yield the images, videos and audio that have been downloaded so far, in blocks that
    this one has."""
    order = {message.pk: place for place, message in enumerate(messages)}
    arrived = ReceivedImage.objects.filter(message__in=order).exclude(image_key="")
    received = sorted(arrived, key=lambda one: (order[one.message_id], one.position))
    other = [one for one in received if get_kind(one.mime_type) != "image"]
    found = media.find_blocks(other, block) if other else {}
    image_type = get_type(block, "image")
    keys = [one.image_key for one in received if one not in other]
    images = {
        str(image.pk): image for image in get_image_model().objects.filter(pk__in=keys)
    }
    for one in received:
        if one in other:
            yield from [found[one.pk]] if one.pk in found else []
        elif one.image_key in images:
            image = copy(images[one.image_key])  # the post may have it twice
            image.contextual_alt_text = one.alt
            image.decorative = not one.alt
            yield image_type, image


def fingerprint(content: StreamValue) -> str:
    """Return a hash that is the same for contents that differ only in block ids."""
    values = [
        (child.block_type, without_ids(child.block.get_prep_value(child.value)))
        for child in content
    ]
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()


def get_type(block: StreamBlock, kind: str) -> str:
    """Return the type of the blocks for a kind, its name if there are none: then the message
    can't be posted, and an editor is told why."""
    return find_type(block, kind) or kind


def get_embed(url: str, block: StreamBlock) -> StoredEmbedValue | None:
    """Return the value of an embed block, or ``None`` if posts have no such block."""
    child = block.child_blocks.get(find_type(block, "embed"))
    embed = child.normalize(url) if child else None
    return embed if isinstance(embed, StoredEmbedValue) else None


def _blocks(messages: list[ReceivedMessage], block: StreamBlock) -> Iterator[Block]:
    text_type = get_type(block, "text")
    table_type = find_type(block, "table")
    for message in messages:
        for item in message.body:
            if "fields" in item:
                continue
            if "preset" in item:
                yield from _start(item, block)
                continue
            if "table" in item and table_type:
                yield table_type, item["table"]
                continue
            if "text" in item:
                yield text_type, item["text"]
                continue
            embed = get_embed(item["link"], block)
            if embed is not None and embed.stored is not None:
                yield find_type(block, "embed"), embed
            else:  # ``build_content`` would request it from the provider
                yield text_type, to_html((Paragraph((Link(item["link"]),)),))
    yield from group_images(list(file_blocks(messages, block)), block)


def _start(item: dict, block: StreamBlock) -> Iterator[Block]:
    """Yield what a post begins with by its preset, as it was when the message arrived."""
    for name, stored in item["blocks"]:
        if name == find_type(block, "text"):
            yield name, stored
        elif child := block.child_blocks.get(name):
            yield name, child.to_python(stored)


def group_images(files: list[Block], block: StreamBlock) -> list[Block]:
    """Return several images as one gallery, if posts have galleries. Videos stay beside
    it, in their order."""
    image_type, gallery_type = get_type(block, "image"), find_type(block, "gallery")
    images = [value for kind, value in files if kind == image_type]
    if len(images) < 2 or not gallery_type:
        return files
    place = [kind for kind, _ in files].index(image_type)
    others = [each for each in files if each[0] != image_type]
    return [*others[:place], (gallery_type, images), *others[place:]]


def _join_texts(blocks: list[Block], text_type: str) -> Iterator[Block]:
    for is_text, group in groupby(blocks, key=lambda block: block[0] == text_type):
        if is_text:
            yield text_type, RichText("".join(html for _, html in group))
        else:
            yield from group
