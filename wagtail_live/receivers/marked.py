"""Text in which signs such as ``*`` begin and end what is bold."""

from __future__ import annotations

from dataclasses import replace

from .document import Inline, Link, Text


class MarkedText:
    """Collects inlines; a mark that ends is given to all that was added since it began.
    A sign without its other is text."""

    def __init__(self):
        self.inlines: list[Inline] = []
        self._begun: dict[str, int] = {}

    def add(self, inline: Inline) -> None:
        self.inlines.append(inline)

    def add_sign(self, sign: str, mark: str, *, begins: bool, ends: bool) -> None:
        """A sign that, by what stands around it, may begin or end a mark."""
        if ends and self._begun.get(sign, len(self.inlines)) + 1 < len(self.inlines):
            self._end(sign, mark)
            return
        if begins:
            self._begun[sign] = len(self.inlines)
        self.add(Text(sign))

    def end_line(self) -> None:
        """Nothing that was begun ends after this."""
        self._begun.clear()

    def _end(self, sign: str, mark: str) -> None:
        start = self._begun.pop(sign)
        inside = self.inlines[start + 1 :]
        self.inlines[start:] = [_marked(inline, mark) for inline in inside]
        for other, position in self._begun.items():
            self._begun[other] = position - (position > start)


def _marked(inline: Inline, mark: str) -> Inline:
    match inline:
        case Text(_, marks):
            return replace(inline, marks=marks | {mark})
        case Link(_, children):
            return replace(inline, children=tuple(_marked(c, mark) for c in children))
        case _:
            return inline
