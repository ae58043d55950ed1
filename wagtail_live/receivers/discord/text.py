"""The text of Discord messages as a document.

Discord's Markdown and its mentions are described at
docs.discord.com/developers/reference#message-formatting. ``names`` maps the ids of
people to their names. Spoilers are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from ..document import (
    SPOILER,
    Block,
    Body,
    Emoji,
    Inline,
    Link,
    MarkedText,
    Mention,
    Preformatted,
    Quote,
    Text,
    mark,
    paragraphs,
    plain_text,
    refuse_long,
)
from ..lists import Item, Numbers, nest

Names = Mapping[str, str]

CODE = (
    r"(?<!`)`(?!`)(?P<code>(?:[^`\n]++|``++)++)`(?!`)"
    r"|(?<!`)``(?!`)(?P<code2>(?:[^`\n]++|`(?!`)|```++)++)``(?!`)"
)
HIDDEN = re.compile(
    rf"(?P<shown>```.*?```|{CODE}|\\[^\w\s])|\|\|.+?\|\|",
    re.DOTALL,
)
CODE_BLOCK = re.compile(r"```(?:[\w+#.-]*\n)?(?P<block>.*?)```", re.DOTALL)
BLOCK = re.compile(
    rf"{CODE_BLOCK.pattern}"
    r"|^>>> (?P<rest>.*)"
    r"|(?P<quote>(?:^> [^\n]*(?:\n|\Z))+)",
    re.DOTALL | re.MULTILINE,
)
LINE = re.compile(
    r"(?P<heading>#{1,3}) +(?=\S)|(?P<subtext>-#) +(?=\S)"
    r"|(?P<item>(?P<indent>[ \t]*+)(?:[-*]|(?P<number>\d{1,9})\.) +(?=\S))"
)
URL = r"(?i:https?)://"
TOKEN = re.compile(
    r"\\(?P<escaped>[^\w\s]|_)"
    rf"|{CODE}"
    r"|\[(?P<label>(?:[^\[\]\n]++|\[[^\[\]\n]*+\])++)\]"
    rf"\(<?(?P<target>{URL}(?:[^\s<>()]++|\([^\s<>()]*+\))++)>?(?: +\"[^\"\n]*+\")?\)"
    rf"|<(?P<quiet>{URL}[^\s<>]++)>"
    rf"|(?P<url>{URL}[^\s<>]++)"
    r"|<(?P<kind>@[!&]?|#)(?P<id>\d+)>"
    r"|</(?P<command>[^:<>\n]++):\d+>"
    r"|<a?(?P<emoji>:\w+:)\d+>"
    r"|<t:(?P<time>-?\d{1,11})(?::\w)?>"
    r"|(?P<sign>\*\*|__|~~|\*|_)"
    r"|(?P<text>[^\W_]+|\s|.)",
    re.DOTALL,
)
MARKS = {"**": "bold", "*": "italic", "_": "italic", "__": "underline", "~~": "strike"}
BRACKETS = {")": "(", "]": "["}


class Line(NamedTuple):
    """A line; an item has all of its lines in ``texts``."""

    kind: str
    texts: list[str]
    indent: int = 0
    number: int | None = None


def from_markdown(text: str, names: Names, *, has_spoilers: bool = True) -> Body:
    if refused := refuse_long(text):
        return refused
    return tuple(_read(hide_spoilers(text) if has_spoilers else text, names))


def hide_spoilers(text: str) -> str:
    return HIDDEN.sub(lambda found: found["shown"] or SPOILER, text)


def _read(text: str, names: Names, *, is_quoted: bool = False) -> Iterator[Block]:
    position = 0
    for found in (CODE_BLOCK if is_quoted else BLOCK).finditer(text):
        yield from _blocks(text[position : found.start()], names)
        position = found.end()
        if found["block"] is not None:
            yield Preformatted(found["block"].strip("\n"))
        else:
            quoted = found["rest"] or re.sub("(?m)^> ", "", found["quote"] or "")
            yield Quote(tuple(_read(quoted, names, is_quoted=True)))
    yield from _blocks(text[position:], names)


def _blocks(text: str, names: Names) -> Iterator[Block]:
    for kind, group in groupby(_read_lines(text), lambda line: line.kind):
        lines = list(group)
        if kind == "item":
            yield from nest((_item(line, names) for line in lines), _number)
        elif kind == "text":
            running = "\n".join(text for line in lines for text in line.texts)
            yield from paragraphs(_inlines(running, names))
        else:
            for line in lines:
                yield from paragraphs(_heading(line, names))


def _read_lines(text: str) -> Iterator[Line]:
    """Yield the lines, those of an item together."""
    item = None
    for line in text.split("\n"):
        found = LINE.match(line)
        if item and not found and line.startswith("  ") and line.strip():
            item.texts.append(line.strip())
            continue
        if item:
            yield item
        item = None
        if not found:
            yield Line("text", [line])
        elif found["item"]:
            number = int(found["number"]) if found["number"] else None
            indent = len(found["indent"].expandtabs(4))
            item = Line("item", [line[found.end() :]], indent, number)
        else:
            yield Line(found.lastgroup or "", [line[found.end() :]])
    if item:
        yield item


def _heading(line: Line, names: Names) -> list[Inline]:
    inlines = _inlines(line.texts[0], names)
    if line.kind == "subtext":
        return inlines
    return [mark(inline, "bold") for inline in inlines]


def _item(line: Line, names: Names) -> Item:
    blocks = paragraphs(_inlines("\n".join(line.texts), names))
    return Item(line.indent, line.number, blocks)


def _number(written: Numbers) -> Numbers:
    """Keep the numbers, such as minutes of a match, but count on in ``1. 1. 1.``."""
    return tuple(range(1, len(written) + 1)) if set(written) == {1} else written


def _inlines(text: str, names: Names) -> list[Inline]:
    marked = MarkedText()
    position = 0
    while token := TOKEN.match(text, position):
        position = token.end()
        sign = token["sign"]
        if url := token["url"]:
            url = url[: _end_of_url(url, marked.begun)]
            position = token.start() + len(url)
            marked.add(Link(url, (Text(url),)))
        elif sign:
            before = text[max(0, token.start() - 1) : token.start()]
            after = text[position : position + 1]
            inside_word = sign == "_" and before.isalnum() and after.isalnum()
            begins = bool(after) and not after.isspace() and not inside_word
            ends = not before.isspace() and not inside_word
            marked.add_sign(sign, MARKS[sign], begins=begins, ends=ends)
        else:
            marked.add(_inline(token, names))
    return marked.inlines


def _end_of_url(url: str, signs: Iterable[str]) -> int:
    """Return where a URL ends: before punctuation, brackets that were opened before it,
    and the signs of the marks around it."""
    signs = tuple(signs)
    surplus = {
        close: url.count(close) - url.count(open) for close, open in BRACKETS.items()
    }
    end = len(url)
    while end > len("https://"):
        last = url[end - 1]
        if last in ".,:;\"'":
            end -= 1
        elif surplus.get(last, 0) > 0:
            surplus[last] -= 1
            end -= 1
        elif sign := next((one for one in signs if url.endswith(one, 0, end)), ""):
            end -= len(sign)
        else:
            break
    return end


def _inline(token: re.Match, names: Names) -> Inline:
    if code := token["code"] or token["code2"]:
        return Text(_code(code), frozenset({"code"}))
    if url := token["target"]:
        return Link(url, tuple(_label(token["label"], names)))
    if url := token["quiet"]:
        return Link(url, (Text(url),))
    if token["kind"] == "#":
        return Mention(names.get(token["id"]) or "channel", sign="#")
    if token["kind"]:
        unknown = "group" if token["kind"] == "@&" else "someone"
        return Mention(names.get(token["id"]) or unknown)
    if token["command"]:
        return Mention(token["command"], sign="/")
    if token["emoji"]:
        return Emoji(token["emoji"])
    if token["time"]:
        return Text(_time(int(token["time"])))
    return Text(token["escaped"] or token["text"])


def _label(label: str, names: Names) -> Iterator[Text | Emoji | Mention]:
    for inline in _inlines(label, names):
        if isinstance(inline, Text | Emoji | Mention):
            yield inline
        else:
            yield Text(plain_text(inline))


def _code(text: str) -> str:
    """Without the spaces that separate the code from its signs."""
    is_padded = text.startswith(" ") and text.endswith(" ") and text.strip()
    return text[1:-1] if is_padded else text


def _time(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, OSError, ValueError):
        return ""
