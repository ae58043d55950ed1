"""The text that apps write in Slack, as a document.

It comes as ``mrkdwn``, which is described at
docs.slack.dev/messaging/formatting-message-text; so does an edit that has no blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby

from .document import (
    Block,
    Body,
    Emoji,
    Inline,
    Link,
    Mention,
    Preformatted,
    Quote,
    Text,
    paragraphs,
)
from .emoji import emoji_by_name
from .slack_text import Names, channel, group, person

FENCED = re.compile(r"```(.*?)```", re.DOTALL)
QUOTED = re.compile(r"(?:&gt;|>) ?")
QUOTED_TO_THE_END = re.compile(r"^(?:&gt;|>){3}", re.MULTILINE)
TOKEN = re.compile(
    r"<(?P<angle>[^<>\n]+)>"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<!\d):(?P<emoji>[^\s:<>`*~]+):(?::skin-tone-(?P<tone>[2-6]):)?"
    r"|(?P<mark>[*_~])"
    r"|(?P<text>[^<`:*_~\n]+|.)",
    re.DOTALL,
)
MARKS = {"*": "bold", "_": "italic", "~": "strike"}


def from_mrkdwn(text: str, names: Names) -> Body:
    """The text of a message that has no ``rich_text``."""
    body: list[Block] = []
    for number, part in enumerate(FENCED.split(text)):
        if number % 2:
            body.append(Preformatted("".join(_plain(part)).strip("\n")))
        else:
            body += _quotes_and_paragraphs(part, names)
    return tuple(body)


def _quotes_and_paragraphs(text: str, names: Names) -> Iterator[Block]:
    text, *to_the_end = QUOTED_TO_THE_END.split(text, maxsplit=1)
    for is_quoted, lines in groupby(text.split("\n"), _is_quoted):
        if is_quoted:
            quoted = "\n".join(QUOTED.sub("", line, count=1) for line in lines)
            yield Quote(paragraphs(_inlines(quoted, names)))
        else:
            yield from paragraphs(_inlines("\n".join(lines), names))
    for quoted in to_the_end:
        yield Quote(paragraphs(_inlines(quoted, names)))


def _is_quoted(line: str) -> bool:
    return bool(QUOTED.match(line))


def _inlines(text: str, names: Names) -> list[Inline]:
    """One pass: a mark that closes is given to everything since it was opened."""
    inlines: list[Inline] = []
    opened: dict[str, int] = {}
    for token in TOKEN.finditer(text):
        if token["mark"]:
            _open_or_close(token, opened, inlines)
        elif token["angle"]:
            inlines.append(_in_angles(token["angle"], names))
        elif token["code"]:
            code = _unescape(token["code"])
            inlines.append(Text(code, frozenset({"code"})))
        elif token["emoji"]:
            tone = int(token["tone"]) if token["tone"] else None
            inlines.append(Emoji(emoji_by_name(_unescape(token["emoji"]), tone)))
        else:
            if token["text"] == "\n":
                opened.clear()
            inlines.append(Text(_unescape(token["text"])))
    return inlines


def _open_or_close(token: re.Match, opened: dict[str, int], inlines: list[Inline]):
    sign = token["mark"]
    before = token.string[max(0, token.start() - 1) : token.start()]
    after = token.string[token.end() : token.end() + 1]
    closes = sign in opened and not before.isspace() and not after.isalnum()
    if closes and opened[sign] + 1 < len(inlines):
        start = opened.pop(sign)
        inlines[start:] = [_marked(one, MARKS[sign]) for one in inlines[start + 1 :]]
        for other in [other for other in opened if opened[other] > start]:
            opened[other] -= 1
        return
    if after and not after.isspace() and not before.isalnum():
        opened[sign] = len(inlines)
    inlines.append(Text(sign))


def _marked(inline: Inline, mark: str) -> Inline:
    match inline:
        case Text(_, marks):
            return replace(inline, marks=marks | {mark})
        case Link(_, children):
            return replace(inline, children=tuple(_marked(c, mark) for c in children))
        case _:
            return inline


def _in_angles(content: str, names: Names) -> Inline:
    target, _, label = content.partition("|")
    target, label = _unescape(target), _unescape(label)
    kinds: dict[str, Callable[[str, Names, str], Inline]] = {
        "@": person,
        "#": channel,
        "!": _special,
    }
    if kind := kinds.get(target[:1]):
        return kind(target[1:], names, label)
    return Link(target, (Text(label or target.removeprefix("mailto:")),))


def _special(command: str, names: Names, label: str) -> Inline:
    """``<!here>``, ``<!subteam^S1|@desk>`` or ``<!date^1^{date}|Monday>``."""
    name, *arguments = command.split("^")
    if name == "subteam":
        return group("".join(arguments[:1]), names, label)
    return Text(label) if label else Mention(name)


def _plain(text: str) -> Iterator[str]:
    """What can be read of a text in which nothing is marked."""
    for number, part in enumerate(re.split(r"<([^<>\n]+)>", text)):
        target, _, label = part.partition("|") if number % 2 else (part, "", "")
        yield _unescape(label or target)


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
