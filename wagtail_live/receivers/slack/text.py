"""The text that people write in Slack, as a document.

It comes as blocks of ``rich_text``, described at
docs.slack.dev/reference/block-kit/blocks/rich-text-block. ``names`` maps the ids of people,
groups and channels to their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from ..base import get_dict, get_dicts, get_int, get_str
from ..document import (
    MARK_TAGS,
    MAX_DEPTH,
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
    plain_text,
    refuse_long,
)
from ..emoji import SKIN_TONES, emoji_by_code_points, emoji_by_name
from ..lists import Item, Numbers, nest

Names = Mapping[str, str]

MAX_NUMBER = 10**9


def from_rich_text(blocks: Iterable[dict], names: Names) -> Body:
    """Return the ``rich_text`` among the blocks of a message. Elements of unknown kinds
    are shown as their text."""
    elements = [
        element
        for block in blocks
        if block.get("type") == "rich_text"
        for element in get_dicts(block, "elements")
    ]
    if refused := refuse_long("".join(_texts(elements))):
        return refused
    body: list[Block] = []
    for is_list, group in groupby(
        elements, lambda element: element.get("type") == "rich_text_list"
    ):
        if is_list:
            items = (item for element in group for item in _items(element, names))
            body += nest(items, _continue)
        else:
            body += (block for element in group for block in _blocks(element, names))
    return tuple(body)


def _texts(elements: Iterable[dict]) -> Iterator[str]:
    """Yield the texts of sections, quotes and code, and of the sections in lists."""
    for element in elements:
        for child in get_dicts(element, "elements"):
            yield get_str(child, "text")
            for inner in get_dicts(child, "elements"):
                yield get_str(inner, "text")


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
            return (Preformatted("".join(map(plain_text, inlines))),)
        case "rich_text_quote":
            return (Quote(paragraphs(inlines)),)
        case _:
            return paragraphs(inlines)


def _items(element: dict, names: Names) -> Iterator[Item]:
    """Yield the items of a list, which begins after ``offset`` others."""
    indent = max(0, get_int(element, "indent"))
    offset = max(0, min(get_int(element, "offset"), MAX_NUMBER))
    is_ordered = element.get("style") == "ordered"
    for number, section in enumerate(get_dicts(element, "elements"), start=offset + 1):
        yield Item(indent, number if is_ordered else None, _blocks(section, names))


def _continue(numbers: Numbers) -> Numbers:
    """Number on where a list goes on after another without an ``offset``."""
    continued: list[int] = []
    before = shift = 0
    for number in numbers:
        if number == 1:
            shift = continued[-1] if continued else 0
        elif number != before + 1:  # with an offset
            shift = 0
        continued.append(number + shift)
        before = number
    return tuple(continued)


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
            return Text(words or _text_inside(element), marks)


def _text_inside(element: dict, depth: int = 0) -> str:
    """Return the text in the parts of an element of an unknown kind."""
    if depth > MAX_DEPTH:
        return ""
    return " ".join(
        get_str(child, "text") or _text_inside(child, depth + 1)
        for child in get_dicts(element, "elements")
    )


def _emoji(element: dict) -> str:
    """Return the element's own characters, unless they lack its skin tone."""
    characters = emoji_by_code_points(get_str(element, "unicode"))
    tone = get_int(element, "skin_tone")
    if characters and SKIN_TONES.get(tone, "") in characters:
        return characters
    return emoji_by_name(get_str(element, "name"), tone)
