"""``mrkdwn``, in which the texts of apps, and edits without blocks, come from Slack.

It is described at docs.slack.dev/messaging/formatting-message-text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from ..document import (
    MAX_TEXT_LENGTH,
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
    paragraphs,
    refuse_long,
)
from ..emoji import emoji_by_name
from .text import Names, channel, group, person

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
LABELLED = re.compile(r"<(?:[@#]|!subteam\^)(\w+)\|@?([^<>\n]+)>")
MARKS = {"*": "bold", "_": "italic", "~": "strike"}


def from_mrkdwn(text: str, names: Names) -> Body:
    """Return the text of a message without ``rich_text``."""
    if refused := refuse_long(text):
        return refused
    body: list[Block] = []
    for number, part in enumerate(FENCED.split(text)):
        if number % 2:
            body.append(Preformatted("".join(_plain(part)).strip("\n")))
        else:
            body += _quotes_and_paragraphs(part, names)
    return tuple(body)


def read_labels(text: str) -> Names:
    """Return the names that a text contains for the ids it mentions."""
    labels = LABELLED.findall(text[:MAX_TEXT_LENGTH])
    return {id: _unescape(label) for id, label in labels}


def _quotes_and_paragraphs(text: str, names: Names) -> Iterator[Block]:
    text, *to_the_end = QUOTED_TO_THE_END.split(text, maxsplit=1)
    for is_quoted, lines in groupby(
        text.split("\n"), lambda line: bool(QUOTED.match(line))
    ):
        if is_quoted:
            quoted = "\n".join(QUOTED.sub("", line, count=1) for line in lines)
            yield Quote(paragraphs(_mrkdwn_inlines(quoted, names)))
        else:
            yield from paragraphs(_mrkdwn_inlines("\n".join(lines), names))
    for quoted in to_the_end:
        yield Quote(paragraphs(_mrkdwn_inlines(quoted, names)))


def _mrkdwn_inlines(text: str, names: Names) -> list[Inline]:
    marked = MarkedText()
    for token in TOKEN.finditer(text):
        if sign := token["mark"]:
            before = text[max(0, token.start() - 1) : token.start()]
            after = text[token.end() : token.end() + 1]
            begins = not before.isalnum() and bool(after) and not after.isspace()
            ends = not after.isalnum() and not before.isspace()
            marked.add_sign(sign, MARKS[sign], begins=begins, ends=ends)
        else:
            marked.add(_mrkdwn_inline(token, names))
        if token["text"] == "\n":
            marked.end_line()
    return marked.inlines


def _mrkdwn_inline(token: re.Match, names: Names) -> Inline:
    if token["angle"]:
        return _in_angles(token["angle"], names)
    if token["code"]:
        return Text("".join(_plain(token["code"])), frozenset({"code"}))
    if token["emoji"]:
        tone = int(token["tone"]) if token["tone"] else None
        return Emoji(emoji_by_name(_unescape(token["emoji"]), tone))
    return Text(_unescape(token["text"]))


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
    """Yield the readable parts of a text without marks."""
    for number, part in enumerate(re.split(r"<([^<>\n]+)>", text)):
        target, _, label = part.partition("|") if number % 2 else (part, "", "")
        yield _unescape(label or target)


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
