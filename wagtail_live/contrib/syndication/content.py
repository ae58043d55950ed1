"""The blocks of a post of another site, read as the content of a message. Blocks of the
other site's own are left out, and named for editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...receivers.base import Attachment, get_dict, get_dicts, get_int, get_str
from ...receivers.content import Content
from ...receivers.document import (
    Block,
    Inline,
    Link,
    Paragraph,
    Quote,
    RichText,
    Table,
    Text,
)

BOLD = frozenset({"bold"})
ITALIC = frozenset({"italic"})


def read_content(blocks: Iterable[dict]) -> Content:
    content = Content()
    for block in blocks:
        _add(content, get_str(block, "type"), block.get("value"))
    return content


def _add(content: Content, kind: str, value: Any) -> None:
    match kind, value:
        case "text", str():
            content.body.append(RichText(value))
        case "embed", str():
            content.body.append(Paragraph((Link(value),)))
        case "image", dict():
            _add_image(content, value)
        case "gallery", list():
            for image in value:
                if isinstance(image, dict):
                    _add_image(content, image)
        case "table", dict():
            content.body.append(_read_table(value))
        case "quote", dict():
            content.body += _read_quote(value)
        case "sponsored", dict():
            content.body.append(_read_sponsor(value))
        case _:
            content.omit(kind[:50])


def _add_image(content: Content, image: dict) -> None:
    """Add an image in its largest size; its caption and credit become a text."""
    renditions = get_dicts(image, "renditions")
    largest = max(renditions, key=lambda one: get_int(one, "width"), default={})
    url = get_str(largest, "url")
    if not url:
        return content.omit("image")
    key = str(get_int(image, "image") or "") or url
    content.attachments.append(Attachment(key, url, alt=get_str(image, "alt_text")))
    words = [get_str(image, "caption"), get_str(image, "credit")]
    if words := list(filter(None, words)):
        content.body.append(Paragraph((Text(" – ".join(words), ITALIC),)))


def _read_table(table: dict) -> Block:
    rows = table.get("rows")
    rows = rows if isinstance(rows, list) else []
    return Table(
        tuple(
            tuple(_read_cell(cell) for cell in row)
            for row in rows
            if isinstance(row, list)
        ),
        caption=get_str(table, "caption"),
    )


def _read_cell(cell: Any) -> tuple[Inline, ...]:
    return (Text(cell),) if isinstance(cell, str) else ()


def _read_quote(quote: dict) -> list[Block]:
    words = Quote((Paragraph((Text(get_str(quote, "quote")),)),))
    people = [get_str(quote, "name"), get_str(quote, "role")]
    speaker = ", ".join(filter(None, people))
    return [words, Paragraph((Text(f"– {speaker}"),))] if speaker else [words]


def _read_sponsor(value: dict) -> Block:
    link, name = get_str(value, "link"), get_str(value, "sponsor")
    name = name or get_str(get_dict(value, "sponsor"), "name") or "?"
    text = Text(name, BOLD)
    shown: Inline = Link(link, (text,)) if link else text
    return Paragraph((Text("Sponsored: ", BOLD), shown))
