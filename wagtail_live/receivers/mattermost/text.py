"""The Markdown of Mattermost as a document
(docs.mattermost.com/end-user-guide/collaborate/format-messages.html).

It is Discord's without spoilers and underlined text, and with tables, smaller headings,
and emoji by their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..discord.text import from_markdown
from ..document import (
    Block,
    Body,
    Inline,
    Link,
    List,
    Paragraph,
    Quote,
    Table,
    Text,
    refuse_long,
)
from ..emoji import emoji_by_name

FENCE = "```"
SMALL_HEADING = re.compile(r"#{4,6}(?= )")
SEPARATOR = re.compile(r"\s*+\|?(?:\s*+:?-++:?\s*+\|)*+(?:\s*+:?-++:?\s*+)?")
CELL_END = re.compile(r"(?<!\\)\|")
EMOJI = re.compile(r"(?<![\w:]):(?P<name>[a-z0-9_+-]{1,64}):", re.IGNORECASE)
TONE = re.compile(r"(.+?)_(medium_light|medium_dark|light|medium|dark)_skin_tone")
TONES = {"light": 2, "medium_light": 3, "medium": 4, "medium_dark": 5, "dark": 6}


def from_mattermost(text: str) -> Body:
    """Return the text of a message."""
    if refused := refuse_long(text):
        return refused
    body: list[Block] = []
    for part in _split_at_tables(text):
        if isinstance(part, Table):
            body.append(part)
        else:
            blocks = from_markdown(part, {}, has_spoilers=False)
            body += [_convert(block) for block in blocks]
    return tuple(body)


def _split_at_tables(text: str) -> Iterator[str | Table]:
    """Yield the tables, and the text between them as Discord's Markdown."""
    lines = text.split("\n")
    pending: list[str] = []
    number, is_code = 0, False
    while number < len(lines):
        line = lines[number]
        is_table = not is_code and _is_separator(lines[number + 1 : number + 2])
        if is_table and "|" in line:
            end = number + 2
            while end < len(lines) and "|" in lines[end]:
                end += 1
            yield "\n".join(pending)
            yield _read_table([line, *lines[number + 2 : end]])
            pending, number = [], end
            continue
        is_code ^= line.count(FENCE) % 2 == 1
        pending.append(line if is_code else _simplify(line))
        number += 1
    yield "\n".join(pending)


def _is_separator(lines: list[str]) -> bool:
    line = lines[0] if lines else ""
    return "-" in line and "|" in line and bool(SEPARATOR.fullmatch(line))


def _simplify(line: str) -> str:
    return SMALL_HEADING.sub("###", line, count=1).replace("![", "[")


def _read_table(lines: list[str]) -> Table:
    rows = [CELL_END.split(line.strip().removeprefix("|")) for line in lines]
    rows = [row[:-1] if row[-1].strip() == "" else row for row in rows]
    return Table(tuple(tuple(_read_cell(cell) for cell in row) for row in rows))


def _read_cell(text: str) -> tuple[Inline, ...]:
    body = from_markdown(text.strip().replace("\\|", "|"), {}, has_spoilers=False)
    return tuple(
        inline
        for block in body
        if isinstance(block, Paragraph)
        for inline in _convert_inlines(block.children)
    )


def _convert(block: Block) -> Block:
    match block:
        case Paragraph(children):
            return Paragraph(tuple(_convert_inlines(children)))
        case Quote(blocks):
            return Quote(tuple(map(_convert, blocks)))
        case List(items):
            return replace(
                block, items=tuple(tuple(map(_convert, item)) for item in items)
            )
        case _:
            return block


def _convert_inlines(children: Iterable[Inline]) -> Iterator[Inline]:
    for inline in _join_texts(children):
        match inline:
            case Text(text, marks) if "code" not in marks:
                named = EMOJI.sub(lambda found: _find_emoji(found["name"]), text)
                yield Text(named, marks)
            case Link(_, label):
                yield replace(inline, children=tuple(_convert_inlines(label)))
            case _:
                yield inline


def _join_texts(children: Iterable[Inline]) -> list[Inline]:
    """Join texts of the same marks; ``__`` makes bold text in Mattermost."""
    joined: list[Inline] = []
    texts: list[str] = []
    marks: frozenset[str] | None = None
    for inline in [*children, None]:
        own = _find_marks(inline) if isinstance(inline, Text) else None
        if texts and own != marks:
            joined.append(Text("".join(texts), marks or frozenset()))
            texts = []
        if isinstance(inline, Text):
            texts.append(inline.text)
        elif inline is not None:
            joined.append(inline)
        marks = own
    return joined


def _find_marks(text: Text) -> frozenset[str]:
    return frozenset("bold" if one == "underline" else one for one in text.marks)


def _find_emoji(name: str) -> str:
    toned = TONE.fullmatch(name)
    if toned is None:
        return emoji_by_name(name)
    return emoji_by_name(toned[1], TONES[toned[2]])
