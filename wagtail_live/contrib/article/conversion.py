"""Converts what a post consists of to the blocks of a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import uuid4

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail import blocks
from wagtail.blocks import Block, StreamBlock, StreamValue
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.embeds.blocks import EmbedBlock, EmbedValue
from wagtail.images.blocks import ImageBlock, ImageChooserBlock
from wagtail.images.models import AbstractImage
from wagtail.models import AbstractPage
from wagtail.rich_text import RichText

from ...blocks import LiveQuoteBlock, LiveSponsoredBlock, LiveTableBlock
from ...renditions import get_words
from ...text import shorten, to_text
from .formats import (
    as_link,
    as_page_link,
    as_paragraphs,
    as_quote,
    as_rows,
    as_sponsor,
    as_wagtail_table,
    find_formats,
    find_lost_formats,
    name_speaker,
)
from .matching import (
    ALT_NAMES,
    IMAGE_BLOCKS,
    as_struct,
    find_struct,
    has_image,
    is_alike,
)

QUOTE_NAMES = ("quote", "text")
SPEAKER_NAMES = ("name", "author", "attribute_name", "attribution", "source")
EMPTY: tuple = (None, "", False)


class Conversion(NamedTuple):
    """The blocks of the page, and what an editor has to know about the conversion."""

    body: StreamValue
    notes: list[str]


class LeftOut(Exception):
    """The page has no block for this value."""


def convert(content: StreamValue, target: StreamBlock) -> Conversion:
    """Convert the content of a post. Blocks with the same name and type stay as they are;
    others become the nearest block that ``target`` has."""
    converter = _Converter(target)
    for child in content:
        converter.add(child.block, child.block_type, child.value)
    # Wagtail's form names the parts of the page by the ids of the blocks.
    body = [(name, value, str(uuid4())) for name, value in converter.body]
    return Conversion(StreamValue(target, body), converter.notes)


class _Converter:
    def __init__(self, target: StreamBlock) -> None:
        self.blocks = target.child_blocks
        self.body: list[tuple[str, Any]] = []
        self.notes: list[str] = []

    def add(self, block: Block, name: str, value: Any) -> None:
        """Add a block of a post, or note that it was left out."""
        self._start, self._label = len(self.body), capfirst(str(block.label))
        same = self.blocks.get(name)
        if not isinstance(value, RichText) and is_alike(block, same):
            self.body.append((name, same.to_python(block.get_prep_value(value))))
        else:
            self._add_part(block, name, value)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _note_text(self) -> None:
        self._note(_("Became text: %(block)s.") % {"block": self._label})

    def _add_part(self, block: Block, name: str, value: Any) -> None:
        if value in EMPTY:
            return
        try:
            self._add_nearest(block, name, value)
        except LeftOut:
            words = shorten(" ".join(find_words(block, value)), 12, 100)
            named = _("%(block)s “%(text)s”") if words else "%(block)s"
            what = named % {"block": self._label, "text": words}
            note = _("Left out, because the page has no block for it: %(what)s.")
            self._note(note % {"what": what})

    def _add_nearest(self, block: Block, name: str, value: Any) -> None:
        match block, value:
            case _, RichText():
                self._add_text(value.source, name)
            case _, AbstractImage():
                self._add_image(value, name)
            case LiveQuoteBlock(), _:
                self._add_quote(value, name)
            case LiveTableBlock(), _:
                self._add_table(value, name)
            case LiveSponsoredBlock(), _:
                self._add_text(as_sponsor(value))
            case _, EmbedValue():
                self._add_embed(value, name)
            case _, AbstractPage():
                self._add_text(as_page_link(value))
            case blocks.ListBlock(), _ if has_image(block.child_block):
                self._add_gallery(block, name, value)
            case _:
                self._add_others(block, value)

    def _find(self, kinds: Any, name: str = "") -> str | None:
        """Return the name of the first block of these kinds; ``name`` if it is of them."""
        found = [
            each for each, block in self.blocks.items() if isinstance(block, kinds)
        ]
        return name if name in found else next(iter(found), None)

    # Text

    def _add_text(self, html: str, name: str = "") -> None:
        if rich := self._find(blocks.RichTextBlock, name):
            self._join(rich, html)
            for each in find_lost_formats(html, self.blocks[rich]):
                note = _("The text of the page does not have the format “%(format)s”.")
                self._note(note % {"format": each})
        elif plain := self._find((blocks.TextBlock, blocks.CharBlock), name):
            self.body.append((plain, to_text(html)))
            if formats := ", ".join(find_formats(html)):
                note = _("The text of the page is plain. Left out: %(formats)s.")
                self._note(note % {"formats": formats})
        else:
            raise LeftOut

    def _join(self, name: str, html: str) -> None:
        """Add a text, to the one before it if both come from the same block of the post."""
        last, before = self.body[-1] if len(self.body) > self._start else ("", None)
        if last == name:
            self.body[-1] = name, RichText(before.source + html)
        else:
            self.body.append((name, RichText(html)))

    def _add_others(self, block: Block, value: Any) -> None:
        """Add the parts of a block that only the site knows, or its words."""
        match block:
            case blocks.StructBlock():
                for name, child in block.child_blocks.items():
                    self._add_part(child, name, value.get(name))
            case blocks.BaseStreamBlock():
                for child in value:
                    self._add_part(child.block, child.block_type, child.value)
            case blocks.ListBlock():
                for item in value:
                    self._add_part(block.child_block, "", item)
            case _:
                self._add_words(block, value)
        self._note_text()

    def _add_words(self, block: Block, value: Any) -> None:
        words = find_words(block, value)
        if isinstance(value, Model):
            title = str(getattr(value, "title", value))
            url = getattr(value, "url", "")
            self._add_text(as_link(url, title) if url else as_paragraphs([title]))
        else:
            self._add_text(as_paragraphs(words or [f"{block.label}: {value}"]))

    def _add_embed(self, value: EmbedValue, name: str) -> None:
        if found := self._find(EmbedBlock, name):
            self.body.append((found, self.blocks[found].to_python(value.url)))
        else:
            self._add_text(as_link(value.url, value.url))
            self._note_text()

    def _add_quote(self, value: Any, name: str) -> None:
        own = find_struct(self.blocks, QUOTE_NAMES, SPEAKER_NAMES)
        plain = self._find(blocks.BlockQuoteBlock, name)
        if own and plain != name:
            struct, (quote, speaker) = own
            filled = {quote: value["quote"], speaker: name_speaker(value)}
            self.body.append((struct, self.blocks[struct].normalize(filled)))
        elif plain:
            self.body.append((plain, value["quote"]))
            if speaker := name_speaker(value):
                self._add_extra([f"— {speaker}"])
        else:
            self._add_text(as_quote(value))

    def _add_table(self, value: dict[str, Any], name: str) -> None:
        if found := self._find(LiveTableBlock, name):
            self.body.append((found, value))
        elif found := self._find(TableBlock, name):
            self.body.append((found, as_wagtail_table(value)))
        else:
            self._add_text(as_rows(value))
            self._note_text()

    # Images

    def _add_image(self, image: AbstractImage, name: str) -> None:
        found = self._find(IMAGE_BLOCKS, name)
        if found is None:
            found = next(filter(self._is_image_struct, self.blocks), None)
        if found is None:
            raise LeftOut
        block = self.blocks[found]
        if isinstance(block, IMAGE_BLOCKS):
            kept = [*getattr(block, "child_blocks", ())]
            self.body.append((found, image))
        else:
            value = as_struct(block, image)
            kept = [*value]
            self.body.append((found, block.normalize(value)))
        if not isinstance(block, ImageBlock) and not {*ALT_NAMES} & {*kept}:
            self._note_alt(image)
        self._add_image_words([image], kept)

    def _is_image_struct(self, name: str) -> bool:
        block = self.blocks[name]
        children = getattr(block, "child_blocks", {}).values()
        is_struct = isinstance(block, blocks.StructBlock)
        return is_struct and any(isinstance(each, IMAGE_BLOCKS) for each in children)

    def _note_alt(self, image: AbstractImage) -> None:
        if alt := image.contextual_alt_text:
            note = _(
                "The page takes the alt text from the library. Left out: “%(alt)s”."
            )
            self._note(note % {"alt": alt})

    def _add_image_words(self, images: Iterable[Any], kept: Iterable[str]) -> None:
        """Add the captions and credits that the block of the page has no place for."""
        words = (get_words(image).items() for image in images)
        rest = [
            text for each in words for name, text in each if name not in kept and text
        ]
        if rest:
            self._add_extra(rest)

    def _add_extra(self, lines: list[str]) -> None:
        """Add words that belong to the block before."""
        try:
            self._add_text(as_paragraphs(lines))
        except LeftOut:
            note = _("Left out, because the page has no block for text: “%(text)s”.")
            self._note(note % {"text": " ".join(lines)})

    def _add_gallery(self, block: Any, name: str, images: Any) -> None:
        for each in (name, *self.blocks):
            target = self.blocks.get(each)
            child = getattr(target, "child_block", None)
            if isinstance(target, blocks.ListBlock) and isinstance(child, IMAGE_BLOCKS):
                self.body.append((each, target.normalize(list(images))))
                if isinstance(child, ImageChooserBlock):
                    for image in images:
                        self._note_alt(image)
                self._add_image_words(images, getattr(child, "child_blocks", ()))
                return
        for image in images:
            self._add_image(image, "image")


def find_words(block: Block, value: Any) -> list[str]:
    """Return the texts of a block, in one line each."""
    texts = (" ".join(text.split()) for text in block.get_searchable_content(value))
    return [text for text in texts if text]
