"""Blocks that a post has, and that its page type does not offer, or no longer.

They are kept as they were stored: a post that is edited loses none of them, and readers see
them again when the page type has the block again.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StreamBlock, StreamValue


@dataclass(frozen=True)
class Kept:
    """The stored value of a block. It counts as empty: nobody sees it."""

    raw: Any

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return str(self.raw)


class KeptBlock(blocks.FieldBlock):
    """A block that is neither shown nor changed. Its form only says which block it is, so
    that nobody can store a value of their own in it."""

    class Meta:
        icon = "warning"
        default = None

    def __init__(self, **kwargs: Any):
        self.field = forms.CharField(required=False, widget=forms.HiddenInput)
        super().__init__(search_index=False, **kwargs)

    def set_name(self, name: str) -> None:
        super().set_name(name)
        text = _(
            "Posts of this page type don’t have the block “{name}”. It is kept, and "
            "readers don’t see it. Delete it if it is no longer needed."
        )
        self.field.help_text = format_lazy(text, name=self.label)

    def to_python(self, value: Any) -> Kept:
        return value if isinstance(value, Kept) else Kept(value)

    normalize = to_python

    def get_prep_value(self, value: Any) -> Any:
        return value.raw if isinstance(value, Kept) else None

    def value_from_form(self, value: Any) -> Kept:
        return Kept(None)

    def value_for_form(self, value: Any) -> str:
        return str(self.label)  # the desk's script drops blocks that are empty

    def clean(self, value: Any) -> Any:
        return value

    def render(self, value: Any, context: Any = None) -> str:
        return ""

    def get_api_representation(self, value: Any, context: Any = None) -> None:
        return None

    def get_searchable_content(self, value: Any) -> list[str]:
        return []


def extend(stream: StreamBlock, names: Collection[str]) -> StreamBlock:
    """Return the block of a post with these blocks that it does not have itself."""
    missing = sorted(set(names) - stream.child_blocks.keys())
    if not missing:
        return stream
    extended = copy.copy(stream)
    extended.child_blocks = {
        **stream.child_blocks,
        **{name: _make(name) for name in missing},
    }
    return extended


@lru_cache(maxsize=100)
def _make(name: str) -> KeptBlock:
    block = KeptBlock()
    block.set_name(name)
    return block


def restore(content: StreamValue, stored: StreamValue) -> StreamValue:
    """Return content from a form or a request with the stored values of the kept blocks.
    What is not stored is left out."""
    known = {child.id: child for child in stored if isinstance(child.value, Kept)}
    children = []
    for child in content:
        value = child.value
        if isinstance(child.block, KeptBlock):
            found = known.get(child.id)
            if found is None or found.block_type != child.block_type:
                continue
            value = found.value
        children.append((child.block_type, value, child.id))
    return StreamValue(content.stream_block, children)
