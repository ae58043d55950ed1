"""Nested lists, made of items that come one after another, each with an indent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from .document import Body, List

MAX_LEVEL = 8

Numbers = tuple[int, ...]


class Item(NamedTuple):
    """An item of a list; ``number`` is ``None`` in a list of bullets."""

    indent: int
    number: int | None
    blocks: Body


def nest(items: Iterable[Item], number: Callable[[Numbers], Numbers]) -> Body:
    """Return the items as lists. ``number`` makes the numbers of a list's items from those
    that were written."""
    indents: list[int] = []
    levelled = []
    for item in items:
        while indents and indents[-1] > item.indent:
            indents.pop()
        if not indents or indents[-1] < item.indent:
            indents.append(item.indent)
        levelled.append(item._replace(indent=min(len(indents) - 1, MAX_LEVEL)))
    return _nest(levelled, number)


def _nest(items: list[Item], number: Callable[[Numbers], Numbers]) -> Body:
    lists: list[list[Item]] = []
    position = 0
    while position < len(items):
        item, end = items[position], position + 1
        while end < len(items) and items[end].indent > item.indent:
            end += 1
        deeper = _nest(items[position + 1 : end], number)
        if not lists or (lists[-1][0].number is None) != (item.number is None):
            lists.append([])
        lists[-1].append(item._replace(blocks=item.blocks + deeper))
        position = end
    return tuple(_list(found, number) for found in lists)


def _list(items: list[Item], number: Callable[[Numbers], Numbers]) -> List:
    bodies = tuple(item.blocks for item in items)
    written = tuple(item.number for item in items if item.number is not None)
    return List(bodies, ordered=bool(written), numbers=number(written))
