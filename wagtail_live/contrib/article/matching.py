"""Blocks of a page that are like those of a post."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wagtail import blocks
from wagtail.blocks import Block
from wagtail.images.blocks import ImageBlock, ImageChooserBlock

from ...renditions import get_words

IMAGE_BLOCKS = (ImageBlock, ImageChooserBlock)
ALT_NAMES = ("alt_text", "alt")


def is_alike(block: Block, target: Block | None) -> bool:
    """Return whether two blocks have values of the same kind."""
    match block, target:
        case _, None:
            return False
        case blocks.StructBlock(), blocks.StructBlock():
            return (
                block.child_blocks.keys() == target.child_blocks.keys()
                and _are_alike(block.child_blocks, target.child_blocks)
            )
        case blocks.ListBlock(), blocks.ListBlock():
            return is_alike(block.child_block, target.child_block)
        case blocks.BaseStreamBlock(), blocks.BaseStreamBlock():
            return _are_alike(block.child_blocks, target.child_blocks)
    return isinstance(block, type(target)) or isinstance(target, type(block))


def _are_alike(children: Mapping[str, Block], others: Mapping[str, Block]) -> bool:
    return all(is_alike(child, others.get(name)) for name, child in children.items())


def has_image(block: Any) -> bool:
    """Return whether the values of a block are images."""
    return isinstance(block, IMAGE_BLOCKS)


def find_struct(
    children: Mapping[str, Any], *wanted: Iterable[str]
) -> tuple[str, list[str]] | None:
    """Return the name of the first struct of plain fields that has a child of each of these
    names, and the names of those children."""
    for name, block in children.items():
        if not isinstance(block, blocks.StructBlock) or has_image(block):
            continue
        own = block.child_blocks
        found = [next((each for each in names if each in own), "") for names in wanted]
        if all(found) and all(
            isinstance(own[each], blocks.FieldBlock) for each in found
        ):
            return name, found
    return None


def as_struct(block: Any, image: Any) -> dict[str, Any]:
    """Return the value of a struct with an image, with those of its words that it has."""
    known = dict.fromkeys(ALT_NAMES, image.contextual_alt_text or "")
    known |= {**get_words(image), "decorative": bool(image.decorative)}
    words = {name: text for name, text in known.items() if name in block.child_blocks}
    children = block.child_blocks.items()
    chooser = next(name for name, child in children if has_image(child))
    return {chooser: image, **words}
