"""The text of Telegram messages as a document.

Bold text, links and quotes are entities with offsets in UTF-16 code units
(core.telegram.org/bots/api#messageentity). They may nest. Entities that cross, end
beyond the text or begin within a character are used as far as possible.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise

from ..base import get_int, get_str
from ..document import (
    MAX_TEXT_LENGTH,
    Block,
    Body,
    Inline,
    Link,
    Preformatted,
    Quote,
    Text,
    paragraphs,
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
# Telegram allows 100 entities in a message; each costs time.
MAX_ENTITIES = 500


@dataclass(frozen=True, slots=True)
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


def from_entities(text: str, entities: Iterable[dict]) -> Body:
    """Return the text with its entities as a document."""
    text = text[:MAX_TEXT_LENGTH]
    body: list[Block] = []
    segments = _segments(text, list(read_entities(text, entities)))
    for quote, quoted in groupby(segments, lambda segment: segment.quote):
        blocks = list(_blocks(quoted))
        body += [Quote(tuple(blocks))] if quote else blocks
    return tuple(body)


def read_entities(text: str, entities: Iterable[dict]) -> Iterator[Entity]:
    """Yield the entities of known kinds, with offsets in characters."""
    units = [0, *accumulate(2 if ord(char) > 0xFFFF else 1 for char in text)]
    for _, entity in zip(range(MAX_ENTITIES), entities, strict=False):
        kind = get_str(entity, "type")
        offset, length = get_int(entity, "offset"), get_int(entity, "length")
        if kind not in {"pre", *MARKS, *LINKS, *QUOTES} or offset < 0 or length <= 0:
            continue
        start = bisect_right(units, offset) - 1
        end = min(bisect_left(units, offset + length), len(text))
        if start < end:
            yield Entity(kind, start, end, _url(kind, text[start:end], entity))


def _url(kind: str, text: str, entity: dict) -> str:
    match kind:
        case "text_link":
            return get_str(entity, "url")
        case "email":
            return f"mailto:{text}"
        case "url":
            return text if "://" in text else f"https://{text}"
        case _:
            return ""


def _segments(text: str, entities: list[Entity]) -> Iterator[Segment]:
    bounds = {edge for entity in entities for edge in (entity.start, entity.end)}
    for start, end in pairwise(sorted({0, len(text), *bounds})):
        holding = [one for one in entities if one.start <= start and end <= one.end]
        yield Segment(
            text[start:end],
            frozenset(MARKS[one.kind] for one in holding if one.kind in MARKS),
            _innermost(holding, LINKS),
            _innermost(holding, QUOTES),
            _innermost(holding, {"pre"}),
        )


def _innermost(entities: list[Entity], kinds: set[str]) -> Entity | None:
    chosen = [entity for entity in entities if entity.kind in kinds]
    return max(chosen, key=lambda entity: (entity.start, -entity.end), default=None)


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
