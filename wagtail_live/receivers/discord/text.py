"""The text of Discord messages as a document.

Discord's Markdown and its mentions are described at
docs.discord.com/developers/reference#message-formatting. ``names`` maps the ids of
people to their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby

from ..document import (
    MAX_TEXT_LENGTH,
    Block,
    Body,
    Emoji,
    Inline,
    Link,
    List,
    MarkedText,
    Mention,
    Preformatted,
    Quote,
    Text,
    paragraphs,
)

Names = Mapping[str, str]

FENCED = re.compile(r"```(?:[\w+-]*\n)?(.*?)```", re.DOTALL)
QUOTED_TO_THE_END = re.compile(r"^>>> ", re.MULTILINE)
LINE = re.compile(
    r"(?P<quote>> )|(?P<heading>(?:#{1,3}|-#) )|\s*(?:(?P<bullet>[-*])|(?P<number>\d+\.)) +"
)
URL = r"https?://[^\s<>)\]]+"
TOKEN = re.compile(
    r"\\(?P<escaped>[^\w\s]|_)"
    r"|`(?P<code>[^`\n]+)`"
    rf"|\[(?P<label>[^\[\]\n]+)\]\(<?(?P<target>{URL})>?\)"
    rf"|<(?P<quiet>{URL})>"
    rf"|(?P<url>{URL})"
    r"|<(?P<kind>@[!&]?|#)(?P<id>\d+)>"
    r"|<a?(?P<emoji>:\w+:)\d+>"
    r"|<t:(?P<time>-?\d{1,11})(?::\w)?>"
    r"|(?P<sign>\*\*|__|~~|\|\||\*|_)"
    r"|(?P<text>[^\W_]+|\s|.)",
    re.DOTALL,
)
MARKS = {"**": "bold", "*": "italic", "_": "italic", "__": "underline", "~~": "strike"}


def from_markdown(text: str, names: Names) -> Body:
    body: list[Block] = []
    for number, part in enumerate(FENCED.split(text[:MAX_TEXT_LENGTH])):
        if number % 2:
            body.append(Preformatted(part.strip("\n")))
            continue
        running, *to_the_end = QUOTED_TO_THE_END.split(part, maxsplit=1)
        body += _blocks(running, names)
        body += (Quote(paragraphs(_inlines(quoted, names))) for quoted in to_the_end)
    return tuple(body)


def _blocks(text: str, names: Names) -> Iterator[Block]:
    for kind, group in groupby(text.split("\n"), _kind):
        lines = [LINE.sub("", line, count=1) if kind else line for line in group]
        if kind in ("bullet", "number"):
            items = tuple(paragraphs(_inlines(line, names)) for line in lines)
            yield List(items, ordered=kind == "number")
        elif kind == "quote":
            yield Quote(paragraphs(_inlines("\n".join(lines), names)))
        elif kind == "heading":
            for line in lines:
                yield from paragraphs(_inlines(f"**{line.strip()}**", names))
        else:
            yield from paragraphs(_inlines("\n".join(lines), names))


def _kind(line: str) -> str | None:
    match = LINE.match(line)
    return match.lastgroup if match else None


def _inlines(text: str, names: Names) -> list[Inline]:
    marked = MarkedText()
    for token in TOKEN.finditer(text):
        sign = token["sign"]
        if sign in MARKS:
            before = text[max(0, token.start() - 1) : token.start()]
            after = text[token.end() : token.end() + 1]
            inside_word = sign == "_" and before.isalnum() and after.isalnum()
            begins = bool(after) and not after.isspace() and not inside_word
            ends = not before.isspace() and not inside_word
            marked.add_sign(sign, MARKS[sign], begins=begins, ends=ends)
        elif not sign:
            marked.add(_inline(token, names))
    return marked.inlines


def _inline(token: re.Match, names: Names) -> Inline:
    if token["code"]:
        return Text(token["code"], frozenset({"code"}))
    if url := token["target"] or token["quiet"] or token["url"]:
        return Link(url, (Text(token["label"] or url),))
    if token["kind"] == "#":
        return Mention(names.get(token["id"]) or "channel", sign="#")
    if token["kind"]:
        unknown = "group" if token["kind"] == "@&" else "someone"
        return Mention(names.get(token["id"]) or unknown)
    if token["emoji"]:
        return Emoji(token["emoji"])
    if token["time"]:
        return Text(_time(int(token["time"])))
    return Text(token["escaped"] or token["text"])


def _time(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, OSError, ValueError):
        return ""
