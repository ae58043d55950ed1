"""The text of WhatsApp messages as a document (faq.whatsapp.com/539178204879377).

``*bold*``, ``_italic_``, ``~strike~``, ``` `code` ```, code between three backticks, lines
that begin with ``>``, and lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from ..document import (
    Block,
    Body,
    Inline,
    Link,
    MarkedText,
    Mention,
    Preformatted,
    Quote,
    Text,
    paragraphs,
    refuse_long,
)
from ..lists import Item, Numbers, nest
from ..plain import URL

FENCED = re.compile(r"```(.+?)```", re.DOTALL)
LINE = re.compile(r"(?P<quote>> ?)|(?P<item>(?:[-*]|(?P<number>\d{1,9})\.) +(?=\S))")
TOKEN = re.compile(
    rf"(?P<url>{URL.pattern})"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<!\w)@(?P<person>[0-9]{6,20})(?!\w)"
    r"|(?P<sign>[*_~])"
    r"|(?P<text>[^\W_]+|\s+|.)",
    re.DOTALL,
)
MARKS = {"*": "bold", "_": "italic", "~": "strike"}


Names = Mapping[str, str]


def from_whatsapp(text: str, names: Names) -> Body:
    """Return the text of a message or a caption. ``names`` are those of people by their
    phone numbers, which a mention contains: readers must not see them."""
    if refused := refuse_long(text):
        return refused
    body: list[Block] = []
    for number, part in enumerate(FENCED.split(text)):
        if number % 2:
            body.append(Preformatted(part.strip("\n")))
        else:
            body += _blocks(part, names)
    return tuple(body)


def _blocks(text: str, names: Names) -> Iterator[Block]:
    for kind, group in groupby(text.split("\n"), _kind):
        lines = list(group)
        if kind == "item":
            yield from nest((_item(line, names) for line in lines), _number)
            continue
        if kind == "quote":
            lines = [line.removeprefix(">").removeprefix(" ") for line in lines]
        blocks = paragraphs(_inlines("\n".join(lines), names))
        if kind == "quote":
            yield Quote(blocks)
        else:
            yield from blocks


def _kind(line: str) -> str:
    found = LINE.match(line)
    return "" if not found else "quote" if found["quote"] else "item"


def _item(line: str, names: Names) -> Item:
    found = LINE.match(line)
    number = found["number"] if found else None
    words = line[found.end() :] if found else line
    return Item(0, int(number) if number else None, paragraphs(_inlines(words, names)))


def _number(written: Numbers) -> Numbers:
    return written


def _inlines(text: str, names: Names) -> list[Inline]:
    marked = MarkedText()
    for token in TOKEN.finditer(text):
        if sign := token["sign"]:
            before = text[max(0, token.start() - 1) : token.start()]
            after = text[token.end() : token.end() + 1]
            begins = not before.isalnum() and bool(after) and not after.isspace()
            ends = not after.isalnum() and not before.isspace()
            marked.add_sign(sign, MARKS[sign], begins=begins, ends=ends)
        elif url := token["url"]:
            marked.add(Link(url))
        elif person := token["person"]:
            marked.add(Mention(names.get(person) or "someone"))
        elif code := token["code"]:
            marked.add(Text(code, frozenset({"code"})))
        else:
            marked.add(Text(token["text"]))
            if "\n" in token["text"]:
                marked.end_line()
    return marked.inlines
