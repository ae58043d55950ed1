"""The items in a JSON file, with the lines on which they begin."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..entries import Invalid

SPACE = re.compile(r"[\s\ufeff]*")


def find_items(path: Path, name: str) -> Iterator[tuple[int, Any]]:
    """Yield the line and the value of each item in the list ``name`` of the JSON objects in
    a file: of one, of several after each other, or of those in a list. The items can be
    in a list of their own, too. ``Invalid``, with the line, for what is not JSON."""
    return _Scanner(path, name).read()


class _Scanner:
    def __init__(self, path: Path, name: str) -> None:
        self._text, self._name = path.read_text("utf-8", "replace"), name
        self._file = path.name
        self._decoder = json.JSONDecoder()
        self._position = self._counted = 0
        self._line = 1

    def read(self) -> Iterator[tuple[int, Any]]:
        while self._peek():
            if self._peek() == "[":
                yield from self._read_list(self._read_object)
            else:
                yield from self._read_object()

    def _read_object(self) -> Iterator[tuple[int, Any]]:
        start = self._position
        if self._peek() != "{":
            self._fail("An object is expected")
        self._position += 1
        has_items = False
        while self._peek() not in ("}", ""):
            key = self._decode()
            self._skip(":")
            if key == self._name and self._peek() == "[":
                has_items = True
                yield from self._read_list(self._read_item)
            else:
                self._decode()
            if self._peek() == ",":
                self._position += 1
        self._skip("}")
        if not has_items:
            self._position = start
            yield from self._read_item()

    def _read_list(self, read: Any) -> Iterator[tuple[int, Any]]:
        self._skip("[")
        while self._peek() not in ("]", ""):
            yield from read()
            if self._peek() == ",":
                self._position += 1
        self._skip("]")

    def _read_item(self) -> Iterator[tuple[int, Any]]:
        self._peek()
        line = self._count_lines()
        yield line, self._decode()

    def _peek(self) -> str:
        found = SPACE.match(self._text, self._position)
        self._position = found.end() if found else self._position
        return self._text[self._position : self._position + 1]

    def _skip(self, sign: str) -> None:
        if self._peek() != sign:
            self._fail(f"“{sign}” is expected")
        self._position += 1

    def _decode(self) -> Any:
        self._peek()
        try:
            value, self._position = self._decoder.raw_decode(self._text, self._position)
        except (ValueError, RecursionError) as error:
            self._position = getattr(error, "pos", self._position)
            self._fail(getattr(error, "msg", "Not valid JSON"))
        return value

    def _count_lines(self) -> int:
        self._line += self._text.count("\n", self._counted, self._position)
        self._counted = max(self._counted, self._position)
        return self._line

    def _fail(self, reason: str) -> None:
        raise Invalid(f"{self._file}, line {self._count_lines()}: {reason}.")
