"""The text of Telegram messages as a document.

Bold text, links and quotes are entities with offsets in UTF-16 code units
(core.telegram.org/bots/api#messageentity). They may nest. Entities that cross, end
beyond the text or begin within a character are used as far as possible. Spoilers are left
out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import accumulate, groupby, pairwise

from ..base import get_int, get_str
from ..document import (
    MAX_URL_LENGTH,
    SPOILER,
    Block,
    Body,
    Inline,
    Link,
    Preformatted,
    Quote,
    Text,
    paragraphs,
    refuse_long,
)

MARKS = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikethrough": "strike",
    "code": "code",
}
LINKS = {"text_link", "url", "email"}
QUOTES = {"blockquote", "expandable_blockquote"}
GROUPS = {
    **{kind: kind for kind in MARKS},
    **dict.fromkeys(LINKS, "link"),
    **dict.fromkeys(QUOTES, "quote"),
    "pre": "pre",
    "spoiler": "spoiler",
}


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """A mark, link, quote or code in ``text[start:end]``; ``url`` is that of a link."""

    kind: str
    start: int
    end: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the text within which no entity begins or ends."""

    text: str
    marks: frozenset[str]
    link: Entity | None
    quote: Entity | None
    code: Entity | None
    spoiler: Entity | None


def from_entities(text: str, entities: Iterable[dict]) -> Body:
    """Return the text with its entities as a document."""
    if refused := refuse_long(text):
        return refused
    body: list[Block] = []
    segments = _hide_spoilers(_segments(text, read_entities(text, entities)))
    for quote, quoted in groupby(segments, lambda segment: segment.quote):
        blocks = list(_blocks(quoted))
        body += [Quote(tuple(blocks))] if quote else blocks
    return tuple(body)


def read_entities(text: str, entities: Iterable[dict]) -> Iterator[Entity]:
    """Yield the entities of known kinds, with offsets in characters."""
    units = [0, *accumulate(2 if ord(char) > 0xFFFF else 1 for char in text)]
    for entity in entities:
        kind = get_str(entity, "type")
        offset, length = get_int(entity, "offset"), get_int(entity, "length")
        if kind not in GROUPS or offset < 0 or length <= 0:
            continue
        start = bisect_right(units, offset) - 1
        end = min(bisect_left(units, offset + length), len(text))
        if start < end:
            written = text[start : min(end, start + MAX_URL_LENGTH + 1)]
            yield Entity(kind, start, end, _url(kind, written, entity))


def _url(kind: str, written: str, entity: dict) -> str:
    match kind:
        case "text_link":
            return get_str(entity, "url")
        case "email":
            return f"mailto:{written}"
        case "url":
            return written if "://" in written else f"https://{written}"
        case _:
            return ""


def _segments(text: str, entities: Iterable[Entity]) -> Iterator[Segment]:
    starting = defaultdict(list)
    bounds = {0, len(text)}
    for entity in entities:
        starting[entity.start].append(entity)
        bounds |= {entity.start, entity.end}
    # Of each group, with the innermost entity first.
    holding: dict[str, list[tuple]] = {group: [] for group in GROUPS.values()}
    for start, end in pairwise(sorted(bounds)):
        for entity in starting[start]:
            entry = -entity.start, entity.end, entity
            heappush(holding[GROUPS[entity.kind]], entry)
        inside = {group: _innermost(heap, start) for group, heap in holding.items()}
        yield Segment(
            text[start:end],
            frozenset(MARKS[kind] for kind in MARKS if inside[kind]),
            inside["link"],
            inside["quote"],
            inside["pre"],
            inside["spoiler"],
        )


def _innermost(holding: list[tuple], position: int) -> Entity | None:
    while holding and holding[0][1] <= position:
        heappop(holding)
    return holding[0][-1] if holding else None


def _hide_spoilers(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Replace what is hidden, with its links, by a sign."""
    for is_hidden, group in groupby(segments, lambda segment: bool(segment.spoiler)):
        if is_hidden:
            yield replace(next(group), text=SPOILER, link=None)
        else:
            yield from group


def _blocks(segments: Iterable[Segment]) -> Iterator[Block]:
    for code, group in groupby(segments, lambda segment: segment.code):
        if code:
            yield Preformatted("".join(segment.text for segment in group))
        else:
            yield from paragraphs(_inlines(group))


def _inlines(segments: Iterable[Segment]) -> Iterator[Inline]:
    for link, group in groupby(segments, lambda segment: segment.link):
        texts = tuple(Text(segment.text, segment.marks) for segment in group)
        if link:
            yield Link(link.url, texts)
        else:
            yield from texts
