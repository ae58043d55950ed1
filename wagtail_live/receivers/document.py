"""The content of a message: a small tree that receivers build and this module renders.

A body is a tuple of blocks. Text may hold anything that a platform sends: it is escaped
here, and the result is cleaned by ``clean_rich_text``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import dropwhile, groupby
from urllib.parse import urlsplit

from django.utils.html import escape

from wagtail_live.rich_text import TooLong, clean_rich_text
from wagtail_live.text import INVISIBLE

MARK_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strike": "s",
    "code": "code",
}
LINK_SCHEMES = {"http", "https", "mailto", "tel"}
BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*")
MAX_DEPTH = 20
MAX_TEXT_LENGTH = 40_000  # characters of a message; Slack's limit, the highest of all
MAX_URL_LENGTH = 2048
# Links of a message that may become embeds. Each is a request.
MAX_LONE_LINKS = 20
SPOILER = "[…]"  # in place of a text that the platform hides until it is asked for


@dataclass(frozen=True, slots=True)
class Text:
    """Text with any of the marks ``bold``, ``italic``, ``underline``, ``strike`` and
    ``code``. A newline in it is a line break."""

    text: str
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """A link; without children its URL is shown."""

    url: str
    children: tuple[Text | Emoji | Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Emoji:
    """An emoji as characters, or as ``:name:`` if there are none."""

    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """The name of a mentioned person, group or channel, without the sign in front."""

    name: str
    sign: str = "@"


@dataclass(frozen=True, slots=True)
class LineBreak:
    """The end of a line inside a paragraph."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Preformatted:
    text: str


@dataclass(frozen=True, slots=True)
class List:
    """A list; each item is a tuple of blocks, so that lists nest.

    ``numbers`` are those of the items of an ordered list, by default 1, 2, 3 and so on.
    """

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each cell is a tuple of inlines. It becomes a block of its own, with plain
    text in its cells, or lines where there can be none."""

    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class RichText:
    """HTML of a platform, such as that of an e-mail. It is cleaned as all rich text is."""

    html: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A text of more than ``MAX_TEXT_LENGTH`` characters, which was not read. A message
    with it can't be stored, and becomes a failed delivery."""

    length: int


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks from one field of a message; ``None`` if an edit leaves the field out, so
    that it is unchanged."""

    name: str
    blocks: Body | None


Inline = Text | Link | Emoji | Mention | LineBreak
Block = Paragraph | Quote | Preformatted | List | Table | RichText | Refused | Section
Body = tuple[Block, ...]


def refuse_long(text: str) -> Body:
    """Return an empty body, or for a text that is too long the one to return instead."""
    return (Refused(len(text)),) if len(text) > MAX_TEXT_LENGTH else ()


def paragraphs(inlines: Iterable[Inline]) -> Body:
    """Split running text into paragraphs at blank lines."""
    found: list[Paragraph] = []
    for is_blank, lines in groupby(
        _lines(inlines), lambda line: all(map(_is_blank, line))
    ):
        if not is_blank:
            children = (inline for line in lines for inline in (LineBreak(), *line))
            found.append(Paragraph(tuple(children)[1:]))
    return tuple(found)


def to_html(blocks: Iterable[Block]) -> str:
    """Return the blocks as rich text that is safe to store; ``""`` if there is no text.
    Raise ``TooLong`` for a text that is too long."""
    return clean_rich_text("".join(_block_html(block) for block in blocks))


def split_at_lone_links(blocks: Iterable[Block]) -> list[Body | str]:
    """Return the blocks in order, with the ``https`` URLs that are alone on their lines
    taken out as ``str``: they may become embeds."""
    parts: list[Body | str] = []
    pending: list[Block] = []
    for piece in _pieces(blocks):
        if isinstance(piece, str):
            parts += [tuple(pending), piece] if pending else [piece]
            pending = []
        else:
            pending.append(piece)
    return [*parts, tuple(pending)] if pending else parts


def safe_url(url: str) -> str:
    """Return the URL, or ``""`` if it is not allowed in a link, or too long."""
    if len(url) > MAX_URL_LENGTH:
        return ""
    url = INVISIBLE.sub("", url).strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in LINK_SCHEMES:
        return ""
    return url if parts.netloc or parts.scheme in ("mailto", "tel") else ""


def plain_text(inline: Inline) -> str:
    """Return the text of an inline without marks, such as in code."""
    match inline:
        case Link(url, children):
            return "".join(map(plain_text, children)) or url
        case Mention(name, sign):
            return sign + name
        case LineBreak():
            return "\n"
        case Text(text) | Emoji(text):
            return text


class MarkedText:
    """Collects inlines of text in which signs such as ``*`` begin and end a mark.

    A mark is given to everything between its signs. An unpaired sign is text."""

    def __init__(self):
        self.inlines: list[Inline] = []
        self._begun: dict[str, int] = {}

    def add(self, inline: Inline) -> None:
        self.inlines.append(inline)

    @property
    def begun(self) -> Iterable[str]:
        """The signs that wait for their end, the latest first."""
        return reversed(self._begun)

    def add_sign(self, sign: str, name: str, *, begins: bool, ends: bool) -> None:
        """Add a sign that may begin or end the named mark, depending on the text around it."""
        if ends and self._begun.get(sign, len(self.inlines)) + 1 < len(self.inlines):
            start = self._begun.pop(sign)
            inside = self.inlines[start + 1 :]
            self.inlines[start:] = [mark(inline, name) for inline in inside]
            for other, position in self._begun.items():
                self._begun[other] = position - (position > start)
            return
        if begins:
            self._begun[sign] = len(self.inlines)
        self.add(Text(sign))

    def end_line(self) -> None:
        """End a line: marks don't span lines."""
        self._begun.clear()


def mark(inline: Inline, name: str) -> Inline:
    """Return the inline with another mark."""
    match inline:
        case Text(_, marks):
            return replace(inline, marks=marks | {name})
        case Link(_, children):
            return replace(
                inline, children=tuple(mark(child, name) for child in children)
            )
        case _:
            return inline


def _lines(inlines: Iterable[Inline]) -> list[list[Inline]]:
    lines: list[list[Inline]] = [[]]
    for inline in inlines:
        match inline:
            case Text(text, marks):
                first, *others = text.split("\n")
                lines[-1].append(Text(first, marks))
                lines.extend([Text(other, marks)] for other in others)
            case LineBreak():
                lines.append([])
            case _:
                lines[-1].append(inline)
    return lines


def _trim(children: Iterable[Inline]) -> tuple[Inline, ...]:
    trimmed = list(dropwhile(_is_blank, children))
    while trimmed and _is_blank(trimmed[-1]):
        trimmed.pop()
    return tuple(trimmed)


def _is_blank(inline: Inline) -> bool:
    if isinstance(inline, Text):
        return bool(BLANK.fullmatch(INVISIBLE.sub("", inline.text)))
    return _is_break(inline)


def _is_break(inline: Inline) -> bool:
    return isinstance(inline, LineBreak)


def _pieces(blocks: Iterable[Block]) -> Iterator[Block | str]:
    links = 0
    for block in blocks:
        if not isinstance(block, Paragraph):
            yield block
            continue
        for piece in _split(block, MAX_LONE_LINKS - links):
            links += isinstance(piece, str)
            yield piece


def _split(paragraph: Paragraph, max_links: int) -> Iterator[Paragraph | str]:
    pending: list[Inline] = []
    for is_break, line in groupby(paragraph.children, _is_break):
        line = list(line)
        url = None if is_break or max_links <= 0 else _lone_url(line)
        if url is None:
            pending += line
            continue
        if kept := _trim(pending):
            yield Paragraph(kept)
        yield url
        max_links -= 1
        pending = []
    if kept := _trim(pending):
        yield Paragraph(kept)


def _lone_url(line: list[Inline]) -> str | None:
    written = [inline for inline in line if not _is_blank(inline)]
    if len(written) != 1 or not isinstance(written[0], Link):
        return None
    link = written[0]
    url = safe_url(link.url)
    label = "".join(child.text for child in link.children if isinstance(child, Text))
    is_bare = label.strip().rstrip("/") in ("", url.rstrip("/"))
    return url if is_bare and url.startswith("https://") else None


def _block_html(block: Block, depth: int = 0) -> str:
    if depth > MAX_DEPTH:
        return ""
    match block:
        case Paragraph(children):
            return _wrap("p", _inline_html(_trim(children)))
        case Quote(blocks):
            inner = "".join(_block_html(inner, depth + 1) for inner in blocks)
            return _wrap("blockquote", inner)
        case Preformatted(text):
            return _wrap("pre", "" if BLANK.fullmatch(text) else escape(text))
        case List():
            return _list_html(block, depth + 1)
        case Table():
            return "".join(map(_block_html, _table_lines(block)))
        case RichText(html):
            return html
        case Section(_, inner):
            return "".join(_block_html(block, depth) for block in inner or ())
        case Refused(length):
            raise TooLong(length, MAX_TEXT_LENGTH)


def _table_lines(table: Table) -> Body:
    title = Text(" ".join(table.caption.split()), frozenset({"bold"}))
    inlines: list[Inline] = []
    for row in table.rows:
        for number, cell in enumerate(row):
            inlines += [Text(" | ")] if number else [LineBreak()] if inlines else []
            inlines += cell
    caption = (Paragraph((title,)),) if title.text else ()
    return (*caption, *paragraphs(inlines))


def _list_html(block: List, depth: int) -> str:
    items = [_item_html(item, depth) for item in block.items]
    if not block.ordered:
        return _wrap("ul", "".join(_wrap("li", item) for item in items))
    numbers = block.numbers or range(1, len(items) + 1)
    html, first, following = "", None, None
    for number, item in zip(numbers, items, strict=True):
        if not item:
            continue
        first = number if first is None else first
        value = f' value="{number}"' if following not in (None, number) else ""
        html += f"<li{value}>{item}</li>"
        following = number + 1
    start = f' start="{first}"' if first not in (None, 1) else ""
    return f"<ol{start}>{html}</ol>" if html else ""


def _item_html(blocks: tuple[Block, ...], depth: int) -> str:
    """Leave out the ``<p>`` of the first paragraph, as rich text editors want it."""
    if blocks and isinstance(blocks[0], Paragraph):
        first, *others = blocks
        html = _inline_html(_trim(first.children))
    else:
        html, others = "", blocks
    return html + "".join(_block_html(block, depth) for block in others)


def _inline_html(children: Iterable[Inline], marks=tuple(MARK_TAGS)) -> str:
    if not marks:
        return "".join(_leaf_html(child) for child in children)
    mark, *others = marks
    html = ""
    for is_marked, group in groupby(
        children, lambda child: mark in getattr(child, "marks", ())
    ):
        inner = _inline_html(group, others)
        html += _wrap(MARK_TAGS[mark], inner) if is_marked else inner
    return html


def _leaf_html(child: Inline) -> str:
    match child:
        case Link(url, children):
            label = _inline_html(children) or escape(url)
            href = safe_url(url)
            return f'<a href="{escape(href)}">{label}</a>' if href else label
        case _:
            return escape(plain_text(child)).replace("\n", "<br>")


def _wrap(tag: str, html: str) -> str:
    return f"<{tag}>{html}</{tag}>" if html else ""
