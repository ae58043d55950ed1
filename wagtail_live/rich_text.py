"""Cleaning of rich text before it is stored, because Wagtail trusts stored rich text."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from operator import index
from typing import Any

import nh3

from .text import normalise_html

MAX_LENGTH = 100_000  # characters of HTML in a post
# Of a block in Wagtail's editor, which sends none that has more.
MAX_PARTS = 1_000  # lines, styles or links
MAX_DEPTH = 10
MAX_OVERLAP = 50  # of styles
BLOCK_LENGTH = len('<p data-block-key="abcde"></p>')  # as it is stored
BLOCK_TAGS = {"blockquote", "h2", "h3", "h4", "hr", "ol", "p", "pre", "ul"}
INLINE_TAGS = {
    *("a", "b", "br", "code", "del", "em", "i", "s", "strong", "sub", "sup", "u"),
    *("ins", "kbd", "mark", "q", "small"),
}
ALLOWED_TAGS = BLOCK_TAGS | INLINE_TAGS | {"li"}
RENAMED = {"h1": "h2", "h5": "h4", "h6": "h4", "strike": "s"}
# Tags that are not kept, and between which text doesn't run together.
LINES = {
    *("address", "article", "aside", "caption", "center", "dd", "details", "div"),
    *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header"),
    *("legend", "main", "nav", "option", "section", "summary", "table", "title", "tr"),
}
CELLS = {"td", "th"}
DROPPED_WITH_CONTENT = {"script", "style", "template", "noscript", "svg", "math"}
URL_SCHEMES = {"http", "https", "mailto", "tel"}
# Without blocks in it.
ITEM_CONTENT = r"[^<]*+(?:<(?!/?(?:blockquote|h\d|hr|li|ol|p|pre|ul)\b)[^<]*+)*+"
ITEM = re.compile(rf'<li(?: value="(-?\d{{1,9}})")?>({ITEM_CONTENT})</li>')
NUMBERED_LIST = re.compile(
    rf'<ol(?: start="(-?\d{{1,9}})")?>((?:<li(?: value="-?\d{{1,9}}")?>{ITEM_CONTENT}</li>)++)</ol>'
)
VOID_TAG = re.compile("<([bh]r)>")
MAX_NESTING = 30
MAX_INLINES = 10
LIST_TAGS = {"ol", "ul"}
HEADING_TAGS = {"h2", "h3", "h4"}
ATTRIBUTES = {"a": {"href"}, "li": {"value"}, "ol": {"start", "reversed", "type"}}
# Possessive, so that no part is read twice.
TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*+)((?:=\s*+(?:"[^"]*"|'[^']*')|[^>])*+)>""")
ANY_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)([^>]*+)>")
NO_TAG = re.compile("<(?:[!?]|/[^a-zA-Z])")
ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)\s*+(?:=\s*+("[^"]*"|'[^']*'|[^\s>]*+))?""")


class TooLong(ValueError):
    """A text that is longer than the limit."""

    def __init__(self, length: int, limit: int = MAX_LENGTH):
        self.length, self.limit = length, limit
        super().__init__(f"The text has {length} characters. The limit is {limit}.")


class TooManyParts(TooLong):
    """A paragraph with more lines, styles or links than Wagtail's editor sends."""


def check_length(length: int, limit: int = MAX_LENGTH) -> None:
    """Raise ``TooLong`` if a text has more characters than the limit."""
    if length > limit:
        raise TooLong(length, limit)


class NotRichText(ValueError):
    """JSON that Wagtail's rich text editor doesn't send."""


def clean_rich_text(html: str) -> str:
    """Return the HTML with only allowed tags and absolute links; ``TooLong``, before any
    parsing, if it has more than ``MAX_LENGTH`` characters.

    Invisible characters are removed, also those written as references. Inline text is
    wrapped in a paragraph.
    """
    check_length(len(html))
    cleaned = nh3.clean(
        normalise_html(_balance(html)),
        tags=ALLOWED_TAGS,
        clean_content_tags=DROPPED_WITH_CONTENT,
        attributes=ATTRIBUTES,
        url_schemes=URL_SCHEMES,
        url_relative="deny",
        link_rel="noopener",
    )
    return normalise_html(cleaned).strip()


def _balance(html: str) -> str:
    """Return the HTML with only allowed tags, each of them closed, in linear time.

    ``nh3`` follows the standard, by which the square of the nesting, of the formatting
    that is left open and of a tag's attributes is read. Security doesn't depend on this.
    """
    writer = _Writer()
    for token in read_tags(html):
        if isinstance(token, str):
            writer.write(token)
            continue
        name = RENAMED.get(token[2].lower(), token[2].lower())
        if name not in ALLOWED_TAGS:
            writer.separate(name)
        elif token[1]:
            writer.close(name)
        else:
            writer.open(name, token[3])
    writer.close_all()
    return "".join(writer.parts)


def read_tags(html: str) -> Iterator[str | re.Match]:
    """Yield the texts and the tags. Without a ``>`` the rest is text."""
    tag, position, end = TAG, 0, html.rfind(">")
    comment_end = html.rfind("-->")
    while (start := html.find("<", position, end + 1)) != -1:
        yield html[position:start]
        if html.startswith("<!--", start) and start + 2 <= comment_end:
            position = html.index("-->", start + 2) + 3
        elif NO_TAG.match(html, start):
            position = html.index(">", start) + 1
        elif found := tag.match(html, start) or ANY_TAG.match(html, start):
            # A quote that never ends: no tag after it is read to the end again.
            tag = found.re
            yield found
            position = _skip(html, found)
        else:
            yield "<"
            position = start + 1
    yield html[position:]


def _skip(html: str, tag: re.Match) -> int:
    """Return where the reading goes on: after the content of a tag that is dropped."""
    name = tag[2].lower()
    if name not in DROPPED_WITH_CONTENT or tag[1] or tag[3].endswith("/"):
        return tag.end()
    closing = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, tag.end())
    return closing.start() if closing else len(html)


class _Writer:
    """Writes tags as a browser would close them: formatting goes on in the next block, and
    text is in a block. Wagtail's editor fails for formatting around blocks and for items
    without a list."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._blocks: list[str] = []
        self._inlines: list[tuple[str, str]] = []  # name, tag
        self._written = 0  # how many of the inlines
        self._left_out: Counter[str] = Counter()
        self._separator = ""
        self._has_text = False  # on this line

    def write(self, text: str) -> None:
        if self._separator and not text.strip():
            return  # between lines
        is_spacing = not self._blocks or self._blocks[-1] in LIST_TAGS
        if text.strip() or not is_spacing:
            if not self._blocks:
                self._open_block("p", "<p>")
            if text.strip():
                self.parts.append(self._separator)
                self._separator, self._has_text = "", True
            for _, tag in self._inlines[self._written :]:
                self.parts.append(tag)
            self._written = len(self._inlines)
        self.parts.append(text.replace("<", "&lt;"))

    def separate(self, name: str) -> None:
        """End a line or a cell at a tag that is left out, if text follows."""
        if self._has_text and name in LINES:
            self._separator = "<br>"
        elif self._has_text and name in CELLS:
            self._separator = self._separator or " "

    def _end_line(self) -> None:
        self._separator, self._has_text = "", False

    def open(self, name: str, attributes: str) -> None:
        if name == "br" or name not in INLINE_TAGS:
            self._end_line()
        if name == "br":
            if self._blocks:
                self.parts.append("<br>")
        elif name in INLINE_TAGS:
            if name == "a":
                self._close_inline("a")
            tag = f"<{name}{_attributes(name, attributes)}>"
            if len(self._inlines) < MAX_INLINES:
                self._inlines.append((name, tag))
            else:
                self._left_out[name] += 1
        else:
            self._close_implied(name)
            if name == "li" and not (self._blocks and self._blocks[-1] in LIST_TAGS):
                name = "p"
            self._open_block(name, f"<{name}{_attributes(name, attributes)}>")

    def close(self, name: str) -> None:
        if name not in INLINE_TAGS:
            self._end_line()
        if self._left_out[name]:
            self._left_out[name] -= 1
        elif name in INLINE_TAGS:
            self._close_inline(name)
        else:
            self._close_block("p" if name == "li" not in self._blocks else name)

    def close_all(self) -> None:
        self._close_blocks(0)

    def _open_block(self, name: str, tag: str) -> None:
        self._suspend(0)
        if name == "hr":
            self.parts.append(tag)
        elif len(self._blocks) < MAX_NESTING:
            self.parts.append(tag)
            self._blocks.append(name)
        else:
            self._left_out[name] += 1

    def _close_implied(self, name: str) -> None:
        """Close an item or heading before the next, and a paragraph before any block."""
        if name == "li":
            for place in range(len(self._blocks) - 1, -1, -1):
                if self._blocks[place] == "li":
                    self._close_blocks(place)
                    break
                if self._blocks[place] != "p":
                    break
        self._close_block("p")
        if name in HEADING_TAGS and self._blocks and self._blocks[-1] in HEADING_TAGS:
            self._close_blocks(len(self._blocks) - 1)

    def _close_block(self, name: str) -> None:
        if name in self._blocks:
            last = len(self._blocks) - 1 - self._blocks[::-1].index(name)
            self._close_blocks(last)

    def _close_blocks(self, length: int) -> None:
        self._suspend(0)
        while len(self._blocks) > length:
            self.parts.append(f"</{self._blocks.pop()}>")

    def _close_inline(self, name: str) -> None:
        for place in range(len(self._inlines) - 1, -1, -1):
            if self._inlines[place][0] == name:
                self._suspend(place)
                del self._inlines[place]
                break

    def _suspend(self, length: int) -> None:
        """End the inlines that are written; the next text goes on with them."""
        while self._written > length:
            self._written -= 1
            self.parts.append(f"</{self._inlines[self._written][0]}>")


def _attributes(name: str, attributes: str) -> str:
    """Return the first of each attribute that the tag may have."""
    kept: dict[str, str] = {}
    if allowed := ATTRIBUTES.get(name):
        for found in ATTRIBUTE.finditer(attributes):
            key, value = found[1].lower(), found[2] or ""
            if key in allowed and key not in kept:
                is_quoted = value[:1] in ("'", '"')
                kept[key] = value[1:-1] if is_quoted else value
    quoted = {key: value.replace('"', "&quot;") for key, value in kept.items()}
    return "".join(f' {key}="{value}"' for key, value in quoted.items())


def to_editor(html: str) -> str:
    """Return the HTML for Wagtail's editor. It fails for ``<br>`` without a slash, and counts
    all lists from 1: those with other numbers become paragraphs with their numbers."""
    return NUMBERED_LIST.sub(_with_numbers, VOID_TAG.sub(r"<\1/>", html))


def _with_numbers(found: re.Match) -> str:
    number = int(found[1] or 1)
    if not found[1] and "<li value=" not in found[0]:
        return found[0]
    lines = []
    for item in ITEM.finditer(found[2]):
        number = int(item[1] or number)
        lines.append(f"<p>{number}. {item[2]}</p>")
        number += 1
    return "".join(lines)


def check_fields(values: Iterable[str]) -> None:
    """Check the values of a form before the JSON of Wagtail's rich text editor in them is
    converted. Raise ``TooLong`` if they have too much text, ``NotRichText`` if the JSON is
    not that of the editor.

    The converter takes the square of the number of blocks, of a block's lines and of
    overlapping ranges, and fails for deep lists.
    """
    length = 0
    for value in values:
        state = _read_state(value)
        try:
            length += _check_state(state) if state else len(value)
        except (AttributeError, KeyError, TypeError):
            raise NotRichText("The rich text is not valid.") from None
    check_length(length)


def _read_state(value: str) -> dict | None:
    if not value.startswith("{"):
        return None
    try:
        state = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return state if isinstance(state, dict) and "blocks" in state else None


def _check_state(state: dict) -> int:
    """Return the length of the text and of the tags of its blocks."""
    length, entities = 0, state.get("entityMap", {})
    for block in state["blocks"]:
        text, depth = block.get("text", ""), block.get("depth", 0)
        styles = block.get("inlineStyleRanges", [])
        links = block.get("entityRanges", [])
        parts = max(text.count("\n"), len(styles), len(links))
        if parts > MAX_PARTS:
            raise TooManyParts(parts, MAX_PARTS)
        overlap = _count_overlaps(styles)
        if not 0 <= index(depth) <= MAX_DEPTH or overlap > MAX_OVERLAP:
            raise NotRichText("The rich text is nested too deeply.")
        if _count_overlaps(links) > 1:
            raise NotRichText("The links of the rich text overlap.")
        for link in links:
            entities[str(link["key"])]["data"].keys()
        length += len(text) + BLOCK_LENGTH
    return length


def _count_overlaps(ranges: list[dict[str, Any]]) -> int:
    """Return how many ranges there are at one place, at most."""
    edges = [(index(each["offset"]), 1) for each in ranges]
    edges += [(each["offset"] + index(each["length"]), -1) for each in ranges]
    count = highest = 0
    for _, change in sorted(edges):
        count += change
        highest = max(highest, count)
    return highest
