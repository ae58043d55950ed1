"""The text of Slack messages as a document.

People's texts come as blocks of ``rich_text``, described at
docs.slack.dev/reference/block-kit/blocks/rich-text-block. Texts of apps, and edits without
blocks, come as ``mrkdwn`` (docs.slack.dev/messaging/formatting-message-text). ``names``
maps the ids of people, groups and channels to their names.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from ..base import get_dict, get_dicts, get_int, get_str
from ..document import (
    MARK_TAGS,
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
from ..emoji import SKIN_TONES, emoji_by_code_points, emoji_by_name

Names = Mapping[str, str]

MAX_INDENT = 8
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


def from_rich_text(blocks: Iterable[dict], names: Names) -> Body:
    """Return the ``rich_text`` among the blocks of a message. Elements of unknown kinds
    are shown as their text."""
    elements = [
        element
        for block in blocks
        if block.get("type") == "rich_text"
        for element in get_dicts(block, "elements")
    ]
    body: list[Block] = []
    for is_list, group in groupby(
        elements, lambda element: element.get("type") == "rich_text_list"
    ):
        if is_list:
            body += _lists(item for element in group for item in _items(element, names))
        else:
            body += (block for element in group for block in _blocks(element, names))
    return tuple(body)


def person(id: str, names: Names, name: str = "") -> Mention:
    return Mention(names.get(id) or name or "someone")


def group(id: str, names: Names, name: str = "") -> Mention:
    return Mention(names.get(id) or name.removeprefix("@") or "group")


def channel(id: str, names: Names, name: str = "") -> Mention:
    return Mention(names.get(id) or name or "channel", sign="#")


def _blocks(element: dict, names: Names) -> Body:
    inlines = [_inline(child, names) for child in get_dicts(element, "elements")]
    match element.get("type"):
        case "rich_text_preformatted":
            texts = (
                get_str(child, "text") or get_str(child, "url")
                for child in get_dicts(element, "elements")
            )
            return (Preformatted("".join(texts)),)
        case "rich_text_quote":
            return (Quote(paragraphs(inlines)),)
        case _:
            return paragraphs(inlines)


Item = tuple[int, bool, Body]


def _items(element: dict, names: Names) -> Iterator[Item]:
    indent = max(0, min(get_int(element, "indent"), MAX_INDENT))
    ordered = element.get("style") == "ordered"
    for section in get_dicts(element, "elements"):
        yield indent, ordered, _blocks(section, names)


def _lists(items: Iterable[Item]) -> Body:
    """Nest the lists, which Slack sends one after another, each with an indent."""
    lists: list[tuple[bool, list[Body]]] = []
    remaining = deque(items)
    while remaining:
        indent, ordered, blocks = remaining.popleft()
        deeper = []
        while remaining and remaining[0][0] > indent:
            deeper.append(remaining.popleft())
        if not lists or lists[-1][0] != ordered:
            lists.append((ordered, []))
        lists[-1][1].append(blocks + _lists(deeper))
    return tuple(List(tuple(bodies), ordered) for ordered, bodies in lists)


def _inline(element: dict, names: Names) -> Inline:
    style = get_dict(element, "style")
    marks = frozenset(mark for mark in MARK_TAGS if style.get(mark) is True)
    text = get_str(element, "text")
    match element.get("type"):
        case "link":
            url = get_str(element, "url")
            return Link(url, (Text(text or url, marks),))
        case "emoji":
            return Emoji(_emoji(element))
        case "user":
            return person(get_str(element, "user_id"), names)
        case "usergroup":
            return group(get_str(element, "usergroup_id"), names)
        case "channel":
            return channel(get_str(element, "channel_id"), names)
        case "broadcast":
            return Mention(get_str(element, "range"))
        case _:
            words = text or get_str(element, "fallback") or get_str(element, "value")
            return Text(words, marks)


def _emoji(element: dict) -> str:
    """Return the element's own characters, unless they lack its skin tone."""
    characters = emoji_by_code_points(get_str(element, "unicode"))
    tone = get_int(element, "skin_tone")
    if characters and SKIN_TONES.get(tone, "") in characters:
        return characters
    return emoji_by_name(get_str(element, "name"), tone)


def from_mrkdwn(text: str, names: Names) -> Body:
    """Return the text of a message without ``rich_text``."""
    body: list[Block] = []
    for number, part in enumerate(FENCED.split(text[:MAX_TEXT_LENGTH])):
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
        return Text(_unescape(token["code"]), frozenset({"code"}))
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
