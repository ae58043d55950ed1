"""The buttons below the text of a post: what its blocks offer."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from wagtail.blocks import RichTextBlock, StreamBlock
from wagtail.rich_text import features

from ...blocks import KeptBlock

FORMATS = {
    "link": ("LINK", gettext_lazy("Link"), "link"),
    "blockquote": ("blockquote", gettext_lazy("Quote"), "openquote"),
    "ul": ("unordered-list-item", gettext_lazy("List"), "list-ul"),
}


class Tool(NamedTuple):
    kind: str  # "insert" a block, or "format" the text
    name: str  # of the block, or of the format in Wagtail's editor
    label: str
    icon: str


def list_tools(stream: StreamBlock) -> list[Tool]:
    """Return the formats of the first text block, and all blocks of a post."""
    blocks = stream.child_blocks.values()
    texts = [block for block in blocks if isinstance(block, RichTextBlock)]
    offered = get_features(texts[0]) if texts else []
    formats = [Tool("format", *FORMATS[name]) for name in FORMATS if name in offered]
    inserts = [
        Tool("insert", name, capfirst(str(block.label)), block.meta.icon)
        for name, block in stream.child_blocks.items()
        if not isinstance(block, KeptBlock)
    ]
    return formats + inserts


def get_max_video_size(stream: StreamBlock, *kinds: str) -> int | None:
    """Return the bytes of a video or audio that the desk may send, ``None`` if posts have
    none."""
    blocks = stream.child_blocks
    found = (blocks.get(kind) for kind in kinds or ("video", "audio"))
    sizes = (getattr(block, "max_file_size", None) for block in found)
    return next(filter(None, sizes), None)


def get_features(block: RichTextBlock) -> list[str]:
    return features.get_default_features() if block.features is None else block.features


class ToolsMixin:
    """The tools of the form of a post."""

    stream_block: StreamBlock

    @property
    def tools(self) -> list[Tool]:
        return list_tools(self.stream_block)

    @property
    def has_photos(self) -> bool:
        return any(tool[:2] == ("insert", "image") for tool in self.tools)

    @property
    def has_videos(self) -> bool:
        return get_max_video_size(self.stream_block, "video") is not None

    @property
    def has_audio(self) -> bool:
        return get_max_video_size(self.stream_block, "audio") is not None

    @property
    def file_types(self) -> str:
        """The types of files that posts take, for the input of files."""
        kinds = {
            "image/*": self.has_photos,
            "video/*": self.has_videos,
            "audio/*": self.has_audio,
        }
        return ",".join(kind for kind, is_taken in kinds.items() if is_taken)
