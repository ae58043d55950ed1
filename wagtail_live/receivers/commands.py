"""Presets from messages that begin with their name, such as ``/goal Müller scores``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import presets
from ..models import Source, get_post_block
from ..posts.content import find_type
from ..presets import COMMAND, Preset
from ..rich_text import clean_rich_text
from .base import Upsert
from .composing import Part, to_part
from .document import Body, LineBreak, Paragraph, Text


def read_part(source: Source, event: Upsert) -> Part:
    """Return a message's part of its post; with a preset of the page, what that begins with
    comes before and after its text."""
    body = event.body or _as_text(event.command)
    preset, rest = _split(source, body) if not event.reply_to else (None, body)
    if preset is None:
        return to_part(event.body)
    title, values = presets.start(preset, source.channel)
    if not rest and not values:
        rest, title = _as_text(title or str(preset.label)), ""
    before, after = _arrange(source, preset, values, has_text=bool(rest))
    first = {
        "preset": preset.name,
        "title": title,
        "is_key_event": preset.is_key_event,
        "pin": preset.pin,
        "blocks": before,
    }
    last = {"preset": f"{preset.name} end", "blocks": after}
    return [first, *to_part(rest), *([last] if after else [])]


def _as_text(text: str) -> Body:
    return (Paragraph((Text(text),)),) if text else ()


def _split(source: Source, body: Body) -> tuple[Preset | None, Body]:
    """Return the preset that a body begins with, and the rest of the body."""
    match body:
        case (Paragraph(children=(Text() as text, *others)), *blocks):
            found = COMMAND.match(text.text)
            preset = found and presets.find_preset(source.channel, found[1])
            if found and preset:
                text = replace(text, text=text.text[found.end() :].lstrip())
                inlines: list[Any] = [text, *others] if text.text else others
                if inlines and isinstance(inlines[0], LineBreak):
                    inlines = inlines[1:]
                first = [Paragraph(tuple(inlines))] if inlines else []
                return preset, (*first, *blocks)
    return None, body


def _arrange(
    source: Source, preset: Preset, values: list[tuple[str, Any]], *, has_text: bool
) -> tuple[list, list]:
    """Return the blocks before the text and those after it, as they are stored. The text of
    the message takes the place of the preset's."""
    block = get_post_block(source.channel)
    text_type = find_type(block, "text")
    is_after, before, after = False, [], []
    by_type = dict(values)
    for name in preset.types:
        is_after = is_after or name == text_type
        if name in by_type and not (has_text and name == text_type):
            child, value = block.child_blocks[name], by_type[name]
            if name == text_type and isinstance(value, str):
                value = clean_rich_text(value)
            stored = child.get_prep_value(child.normalize(value))
            (after if is_after else before).append([name, stored])
    return before, after
