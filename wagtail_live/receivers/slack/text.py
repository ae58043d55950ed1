"""The text that people write in Slack, as a document.

It comes as blocks of ``rich_text``, whose parts are described at
docs.slack.dev/reference/block-kit/blocks/rich-text-block. ``names`` maps the ids of
people, groups and channels to their names.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from ..document import (
    MARK_TAGS,
    Block,
    Body,
    Emoji,
    Inline,
    Link,
    List,
    Mention,
    Preformatted,
    Quote,
    Text,
    paragraphs,
)
from ..emoji import SKIN_TONES, emoji_by_code_points, emoji_by_name
from ..shapes import get_dict, get_dicts, get_int, get_str

Names = Mapping[str, str]

DEEPEST_INDENT = 8


def from_rich_text(blocks: Iterable[dict], names: Names) -> Body:
    """The ``rich_text`` among the blocks of a message; what is of an unknown kind is
    shown as the text that it holds."""
    elements = [
        element
        for block in blocks
        if block.get("type") == "rich_text"
        for element in get_dicts(block, "elements")
    ]
    body: list[Block] = []
    for is_list, group in groupby(elements, _is_list):
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


def _is_list(element: dict) -> bool:
    return element.get("type") == "rich_text_list"


def _blocks(element: dict, names: Names) -> Body:
    inlines = [_inline(child, names) for child in get_dicts(element, "elements")]
    match element.get("type"):
        case "rich_text_preformatted":
            return (Preformatted("".join(_code(element))),)
        case "rich_text_quote":
            return (Quote(paragraphs(inlines)),)
        case _:
            return paragraphs(inlines)


def _code(element: dict) -> Iterator[str]:
    for child in get_dicts(element, "elements"):
        yield get_str(child, "text") or get_str(child, "url")


Item = tuple[int, bool, Body]


def _items(element: dict, names: Names) -> Iterator[Item]:
    indent = max(0, min(get_int(element, "indent"), DEEPEST_INDENT))
    ordered = element.get("style") == "ordered"
    for section in get_dicts(element, "elements"):
        yield indent, ordered, _blocks(section, names)


def _lists(items: Iterable[Item]) -> Body:
    """Slack sends lists one after another, each with its indent; here they nest."""
    lists: list[tuple[bool, list[Body]]] = []
    rest = deque(items)
    while rest:
        indent, ordered, blocks = rest.popleft()
        deeper = []
        while rest and rest[0][0] > indent:
            deeper.append(rest.popleft())
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
    """Its own characters, unless these lack the tone that the element names."""
    characters = emoji_by_code_points(get_str(element, "unicode"))
    tone = get_int(element, "skin_tone")
    if characters and SKIN_TONES.get(tone, "") in characters:
        return characters
    return emoji_by_name(get_str(element, "name"), tone)
