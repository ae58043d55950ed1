"""The content of a post, converted from the values that callers give."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    Block,
    ListBlock,
    RichTextBlock,
    StreamBlock,
    StreamValue,
    StructBlock,
    StructValue,
    URLBlock,
)
from wagtail.embeds.blocks import EmbedBlock
from wagtail.images.blocks import ImageBlock, ImageChooserBlock
from wagtail.rich_text import RichText

from ..blocks import (
    Kept,
    KeptBlock,
    LiveGalleryBlock,
    LiveQuoteBlock,
    LiveTableBlock,
    extend,
)
from ..models import Channel, get_post_block, read_content
from ..rich_text import check_length, clean_rich_text
from ..text import normalise_html, normalise_values

NO_TEXT = ("id", "type")  # of the blocks
Content: TypeAlias = list | str | StreamValue

KINDS: dict[str, Any] = {
    "text": RichTextBlock,
    "image": (ImageBlock, ImageChooserBlock),
    "embed": EmbedBlock,
    "table": LiveTableBlock,
    "quote": LiveQuoteBlock,
    "gallery": LiveGalleryBlock,
}
LOOSE_KINDS = ("text", "image")  # a site may have its own blocks of these names
PHOTO_ID = re.compile(r"photos-(\w+)-\d+")  # of an image; see desk/adding.js
WEB_URL = re.compile(r"\s*+https?://[^\s/]", re.IGNORECASE)
MAX_SHOWN_URL = 100  # characters
BLOCK_KEY = re.compile(r' data-block-key="[^"<>]*"')  # Wagtail's editor adds these


def find_type(block: StreamBlock, kind: str) -> str:
    """Return the type of the blocks that a kind of content goes to: the one of that name,
    or else the first that takes it; ``""`` if there is none."""
    names = [kind, *block.child_blocks]
    takes = KINDS[kind]
    for name in names:
        if isinstance(block.child_blocks.get(name), takes):
            return name
    return kind if kind in LOOSE_KINDS and kind in block.child_blocks else ""


def build_content(content: Content, channel: Channel | None = None) -> StreamValue:
    """Return the content for a post of a channel as a ``StreamValue``; ``ValueError`` if a
    post can't hold it, ``TooLong`` among them, and ``ValidationError`` for a URL that is not
    of the web.

    ``content`` is a list of ``(block type, value)``, a ``str`` of rich text for one text
    block, or a ``StreamValue`` from a form or from another post, whose blocks are kept if
    this page's posts don't have them. Text given as ``str`` is cleaned; a ``RichText`` is
    trusted. Invisible characters are removed from all text.
    """
    block = get_post_block(channel)
    if isinstance(content, str):
        content = [(find_type(block, "text") or "text", content)]
    if isinstance(content, StreamValue):
        content = _take(content, block)
    else:
        children = list(map(_check_child, content))
        kept = {name for name, value in children if isinstance(value, Kept)}
        block = extend(block, kept) if kept else block
        content = block.normalize([_build_child(block, *child) for child in children])
    raw = content.get_prep_value()
    check_length(count_characters(raw))
    normal = _normalise(content.stream_block, raw)
    if normal != raw:
        content = content.stream_block.to_python(normal)
    check_urls(content.stream_block, normal)
    return content


def _take(content: StreamValue, block: StreamBlock) -> StreamValue:
    """Return a ``StreamValue`` as one of this block, to which it may belong already."""
    used = {child.block_type: child.block for child in content}
    same = {name: block.child_blocks.get(name) for name in used}
    is_ours = all(
        isinstance(each, KeptBlock) if same[name] is None else each is same[name]
        for name, each in used.items()
    )
    return content if is_ours else read_content(block, content)


def group_photos(content: StreamValue) -> StreamValue:
    """Return the content with a gallery in place of images in a row whose ids say that they
    were added together."""
    block = content.stream_block
    gallery_type = find_type(block, "gallery")
    if not gallery_type:
        return content
    gallery = block.child_blocks[gallery_type]
    children: list[tuple] = []
    for group, found in groupby(content, key=_find_group):
        images = list(found)
        if group and 1 < len(images) <= gallery.meta.max_num:
            values = [image.value for image in images]
            children.append((gallery_type, gallery.normalize(values), group))
        else:
            children += [(each.block_type, each.value, each.id) for each in images]
    return StreamValue(block, children)


def _find_group(child: Any) -> str:
    found = PHOTO_ID.fullmatch(child.id or "") if child.block_type == "image" else None
    return found[1] if found else ""


def check_urls(block: Block | None, raw: Any) -> None:
    """Raise ``ValidationError`` if a block's stored value has a URL that is not of the web,
    such as one of a script."""
    match block, raw:
        case URLBlock(), str():  # also an embed
            if raw and not WEB_URL.match(raw):
                reason = _("The URL %(url)s doesn't begin with https:// or http://.")
                raise ValidationError(reason, params={"url": raw[:MAX_SHOWN_URL]})
        case StreamBlock(), list():
            for item in raw:
                check_urls(block.child_blocks.get(item["type"]), item["value"])
        case ListBlock(), list():
            for item in raw:
                check_urls(block.child_block, item["value"])
        case StructBlock(), dict():
            for name, value in raw.items():
                check_urls(block.child_blocks.get(name), value)


def restore_deleted(block: Block, value: Any, stored: Any) -> Any:
    """Return the value of a block as it was stored, with the files that were deleted from
    the library, which are ``None`` in it. A form can name them, and a check can say so."""
    if restore := getattr(block, "restore_deleted", None):
        return restore(value, stored)
    match block:
        case StreamBlock():
            _restore_children(value, value.raw_data)
        case ListBlock() if isinstance(stored, list):
            _restore_children(value.bound_blocks, stored)
        case StructBlock() if isinstance(stored, dict):
            for name, child in block.child_blocks.items():
                if name in stored and isinstance(value, StructValue):
                    value[name] = restore_deleted(child, value[name], stored[name])
    return value


def _restore_children(children: Any, stored: Any) -> None:
    for child, item in zip(children, stored, strict=False):
        is_item = isinstance(item, dict) and "type" in item
        child.value = restore_deleted(
            child.block, child.value, item["value"] if is_item else item
        )


def count_characters(value: Any) -> int:
    """Return the length of all text in a JSON value."""
    match value:
        case str():
            return len(value)
        case dict():
            return sum(
                count_characters(item)
                for key, item in value.items()
                if key not in NO_TEXT
            )
        case list() | tuple():
            return sum(map(count_characters, value))
    return 0


def same_content(one: StreamValue, other: StreamValue) -> bool:
    """Return whether two contents are the same, apart from the ids of their blocks and
    paragraphs."""
    return without_ids(one.get_prep_value()) == without_ids(other.get_prep_value())


def _check_child(child: Any) -> tuple[str, object]:
    try:
        block_type, value = child
    except (TypeError, ValueError):
        raise ValueError(
            f"A post's content is a list of (block type, value); {child!r} is not."
        ) from None
    return block_type, value


def _build_child(
    block: StreamBlock, block_type: str, value: object
) -> tuple[str, object]:
    if block_type not in block.child_blocks:
        names = ", ".join(block.child_blocks)
        raise ValueError(f"There is no block {block_type!r}; choose one of: {names}.")
    is_text = block_type == find_type(block, "text")
    if is_text and isinstance(value, str):
        value = RichText(clean_rich_text(value))
    return block_type, value


def _normalise(block: Block | None, raw: Any) -> Any:
    """Return a block's stored value with the characters of its texts normalised."""
    match block, raw:
        case KeptBlock(), _:
            return raw
        case RichTextBlock(), str():
            return normalise_html(raw)
        case StreamBlock(), list():
            blocks = block.child_blocks
            return [_normalise_item(blocks.get(item["type"]), item) for item in raw]
        case ListBlock(), list():
            return [_normalise_item(block.child_block, item) for item in raw]
        case StructBlock(), dict():
            return {
                name: _normalise(block.child_blocks.get(name), value)
                for name, value in raw.items()
            }
    return normalise_values(raw)


def _normalise_item(block: Block | None, item: dict) -> dict:
    return {**item, "value": _normalise(block, item["value"])}


def without_ids(value: Any) -> Any:
    """Return a stored value without the ids of blocks and paragraphs."""
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if key != "id"}
    if isinstance(value, list):
        return [without_ids(item) for item in value]
    return BLOCK_KEY.sub("", value) if isinstance(value, str) else value
