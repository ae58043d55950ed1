"""Plain text: characters that are safe everywhere, the text of HTML, and excerpts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from typing import Any

from wagtail import blocks
from wagtail.images.blocks import ImageBlock

# Control characters without tab and line ends, bidirectional overrides, lone surrogates
# and noncharacters. XML, PostgreSQL and UTF-8 refuse many of them, and an override makes a
# text look different from what it says. Isolates and joiners stay: languages need them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e"
    "\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(end - 1)}{chr(end)}" for end in range(0xFFFF, 0x110000, 0x10000))
    + "]"
)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# The soft return of PowerPoint and Word, a page break, and the line ends of Unicode.
LINE_BREAK = re.compile("[\x0b\x0c\x85\u2028\u2029]")
MEANINGS = {
    **dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n"),
    "\x07": " ",  # between the cells of a table in Word
    "\x1c": " ",
    "\x1d": " ",
    "\x1e": "\u2011",  # the hyphen of Word that keeps a line together, as in 2-1
}
LINE_END = re.compile(r"\r\n?")
SPACING = re.compile(r"[\t\n]+")

TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
INLINE_TAGS = {
    *(
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
    ),
    *("i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong"),
    *("sub", "sup", "time", "tt", "u", "var", "wbr"),
}
HEADING = re.compile(r"<(?P<slash>/?)h(?P<level>[1-6])\b")
LIST_TAG = re.compile(r"<(/?)(ol|ul)\b")
ITEM_TAG = re.compile(r"<li\b")
LIST_NUMBER = re.compile(r' (?:start|value)="(-?[0-9]{1,9})"')
OTHER_NUMBERS = re.compile(r' (?:reversed|type)(?:="|[ >])')
TEXT_BLOCKS = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "pre"}
CONTAINERS = {"blockquote", "dl", "ol", "table", "ul"}
RAW_TEXT = {"iframe", "noscript", "script", "style", "textarea", "title", "xmp"}
CODE_POINT = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,6})|([0-9]{1,7}));?")

ELLIPSIS = "…"
JOINER = "\u200d"
VIRAMA = 9  # the combining class
# Characters that belong to the one before and are not combining marks.
EXTENDING = re.compile(
    "[\u200c\u200d\u0e33\u0eb3\uff9e\uff9f\u1160-\u11ff\ud7b0-\ud7ff"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
HANGUL_BEGINNING = re.compile("[\u1100-\u115f\ua960-\ua97f]")
HANGUL = re.compile("[\u1100-\u115f\ua960-\ua97f\uac00-\ud7a3]")


def normalise(text: str) -> str:
    """Return the text without invisible characters; line separators become line ends."""
    text = INVISIBLE.sub(lambda sign: MEANINGS.get(sign[0], ""), text)
    return LINE_END.sub("\n", text)


def normalise_line(text: str) -> str:
    """Return the text in one line, such as a title or a name, normalised."""
    return SPACING.sub(" ", normalise(text)).strip()


def normalise_html(html: str) -> str:
    """Return the HTML with its text normalised; line separators become ``<br>``.

    Character references count as the characters they stand for.
    """
    html = CODE_POINT.sub(_decode_invisible, html)
    if not INVISIBLE.search(html):
        return html
    parts = [
        "",
        *TAG.split(html),
        "",
    ]  # tags and, at odd places, the texts between them
    is_code = False
    for place in range(1, len(parts), 2):
        before, text, after = parts[place - 1 : place + 2]
        parts[place - 1] = INVISIBLE.sub("", before)
        if before.startswith(("<pre", "</pre")):
            is_code = before.startswith("<pre")
        lines = LINE_BREAK.split(text)
        if not is_code:
            lines = _without_blank_ends(lines, _is_edge(before), _is_edge(after))
        separator = "\n" if is_code else "<br>"
        parts[place] = separator.join(map(normalise, lines))
    return "".join(parts)


def normalise_values(value: Any) -> Any:
    """Return the value with all strings in its lists and dicts normalised."""
    match value:
        case str():
            return normalise(value) if INVISIBLE.search(value) else value
        case list():
            return [normalise_values(item) for item in value]
        case dict():
            return {name: normalise_values(item) for name, item in value.items()}
    return value


def to_text(html: str) -> str:
    """Return the text of HTML in one line, with a space between blocks and lines, and the
    numbers of ordered lists."""
    numbers = _ListNumbers()
    words = TAG.sub(
        lambda tag: numbers.read(tag[0]) or (" " if _is_edge(tag[0]) else ""), html
    )
    decoded = unescape(CODE_POINT.sub(_decode_invisible, words))
    return " ".join(normalise(decoded).split())


class _ListNumbers:
    """The numbers of the items of ordered lists, as browsers show them."""

    def __init__(self) -> None:
        self._next: list[int | None] = []  # of each list around; ``None`` for bullets

    def read(self, tag: str) -> str:
        """Return the number that is shown at a tag, if any."""
        if found := LIST_TAG.match(tag):
            if found[1] and self._next:
                self._next.pop()
            elif not found[1]:
                is_numbered = found[2] == "ol" and not OTHER_NUMBERS.search(tag)
                self._next.append(_find_number(tag, 1) if is_numbered else None)
        elif self._next and self._next[-1] is not None and ITEM_TAG.match(tag):
            number = _find_number(tag, self._next[-1])
            self._next[-1] = number + 1
            return f" {number}. "
        return ""


def _find_number(tag: str, default: int) -> int:
    found = LIST_NUMBER.search(tag)
    return int(found[1]) if found else default


def set_direction(html: str) -> str:
    """Return the HTML with ``dir="auto"`` on its outermost blocks.

    Not on those inside, such as list items: the outer one has the direction of its first
    text, and browsers leave out text with a direction of its own. What looks like a tag in
    a script stays as it is.
    """
    depth, raw = 0, ""

    def mark(match: re.Match) -> str:
        nonlocal depth, raw
        tag, found = match[0], TAG_NAME.match(match[0])
        name = found[1].lower() if found else ""
        if raw or name in RAW_TEXT:
            is_end = tag.startswith("</") and name == (raw or name)
            raw = "" if is_end else raw or name
            return tag
        if tag.startswith("</"):
            depth = max(0, depth - (name in CONTAINERS))
            return tag
        is_outermost = depth == 0 and (name in CONTAINERS or name in TEXT_BLOCKS)
        depth += name in CONTAINERS
        if not is_outermost or " dir=" in tag:
            return tag
        return f'{tag[:-1]} dir="auto">'

    return TAG.sub(mark, html)


def order_headings(html: str, level: int) -> str:
    """Return HTML whose headings never skip a level, after a heading of this level."""

    def lift(tag: re.Match) -> str:
        nonlocal level
        if not tag["slash"]:
            level = min(int(tag["level"]), level + 1)
        return f"<{tag['slash']}h{level}"

    return HEADING.sub(lift, html) if "<h" in html else html


def get_texts(block: blocks.Block, value: Any) -> Iterator[str]:
    """Yield the texts that Wagtail's search finds in a value, but with a space between
    the lines and blocks of rich text."""
    if not getattr(block, "search_index", True):
        return
    match block:
        case blocks.RichTextBlock():
            yield to_text(value.source)
        case blocks.StreamBlock():
            for child in value:
                yield from get_texts(child.block, child.value)
        case blocks.ListBlock():
            for item in value:
                yield from get_texts(block.child_block, item)
        case blocks.StructBlock() if not isinstance(
            block, ImageBlock
        ):  # which has its own
            for name, child in block.child_blocks.items():
                yield from get_texts(child, value.get(name, child.get_default()))
        case _:
            yield from block.get_searchable_content(value)


def shorten(text: str, words: int, characters: int) -> str:
    """Return the beginning of a text: at most this many words and characters.

    It ends at a space if there is one, as not in Chinese, Japanese and Thai, and never
    inside what is seen as one character, such as a flag or a letter with its accents.
    """
    short = " ".join(text.split(" ", words)[:words])
    if len(short) > characters:
        short = short[: _find_cut(short, characters - len(ELLIPSIS))].rstrip()
    return short if len(short) == len(text) else short + ELLIPSIS


def _decode_invisible(reference: re.Match) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    # Browsers read references to C1 as Windows-1252, such as a dash.
    if code > 0x10FFFF or 0x80 <= code <= 0x9F:
        return reference[0]
    return chr(code) if INVISIBLE.match(chr(code)) else reference[0]


def _is_edge(tag: str) -> bool:
    """Return whether text ends at this tag (or at the end of the HTML)."""
    name = TAG_NAME.match(tag)
    return not name or name[1].lower() not in INLINE_TAGS


def _without_blank_ends(lines: list[str], at_start: bool, at_end: bool) -> list[str]:
    """Leave out breaks next to a block, where they separate nothing."""
    start, end = 0, len(lines)
    while at_start and start < end - 1 and not lines[start].strip():
        start += 1
    while at_end and end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]


def _find_cut(text: str, limit: int) -> int:
    space = text.rfind(" ", limit // 2, limit + 1)
    if space > 0:
        return space
    cuts = range(limit, limit // 2, -1)
    return next((cut for cut in cuts if _is_boundary(text, cut)), limit)


def _is_boundary(text: str, cut: int) -> bool:
    """Return whether a character as people see it ends here (in short, UAX #29)."""
    before, after = text[cut - 1], text[cut]
    if before == JOINER or EXTENDING.match(after):
        return False
    if unicodedata.category(after).startswith("M"):
        return False
    if unicodedata.combining(before) == VIRAMA:
        return False
    if HANGUL_BEGINNING.match(before) and HANGUL.match(after):
        return False
    if after in FLAG_LETTERS:  # two make a flag
        return (cut - len(text[:cut].rstrip(FLAG_LETTERS))) % 2 == 0
    return True
