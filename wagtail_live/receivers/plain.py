"""Plain text as a document, with its URLs as links."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import Body, Inline, Link, Text, paragraphs, refuse_long

URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}'’”]")


def from_plain_text(text: str) -> Body:
    """Return plain text as paragraphs."""
    return refuse_long(text) or paragraphs(find_links(text))


def find_links(text: str) -> Iterator[Inline]:
    """Yield the text with its URLs as links."""
    end = 0
    for match in URL.finditer(text):
        yield Text(text[end : match.start()])
        yield Link(match[0])
        end = match.end()
    yield Text(text[end:])
