"""The answers of an assistant, as the desk shows them and puts them into its forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from itertools import count
from typing import Any

from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from ...rich_text import clean_rich_text, to_editor
from ...text import normalise_line, normalise_values, shorten, to_text

MAX_ALT_TEXT = 500  # characters
MAX_TITLE = 255
FEATURES = ["h3", "h4", "bold", "italic", "link", "ol", "ul", "blockquote"]
FEATURES += ["strikethrough"]
LINK = re.compile(r'<a ((?:id|linktype)="\w+" (?:id|linktype)="\w+")>')
PLACE = "https://link.invalid/"
PASSED_LINK = re.compile(rf'<a href="{re.escape(PLACE)}(\d{{1,4}})"[^>]*>')
BLOCK_KEY = re.compile(r' data-block-key="[^"<>]*"')
BULLET = re.compile(r"^\s*(?:[-*•–]|\d+[.)])(?:\s+|$)")
TAG = re.compile(r"<[a-z][^>]*>")


def read_key_points(answer: Any) -> dict[str, Any] | None:
    """Return key points as HTML and for Wagtail's editor."""
    if isinstance(answer, str) and TAG.search(answer):
        html = clean_rich_text(answer)
    else:
        lines = answer.splitlines() if isinstance(answer, str) else list(answer or ())
        points = [_read_line(BULLET.sub("", str(line))) for line in lines]
        items = "".join(f"<li>{escape(point)}</li>" for point in points if point)
        html = clean_rich_text(f"<ul>{items}</ul>") if items else ""
    if not to_text(html).strip():
        return None
    return {"html": html, "state": to_state(html)}


def read_alt_text(answer: Any) -> dict[str, str] | None:
    text = _read_line(answer)
    return {"text": shorten(text, MAX_ALT_TEXT, MAX_ALT_TEXT)} if text else None


def _read_line(answer: Any) -> str:
    """Return plain text in one line, without what people don't see."""
    return " ".join(normalise_line(str(answer or "")).split())


def read_title(answer: Any) -> str:
    return _read_line(answer)[:MAX_TITLE]


def read_plain(answer: Any) -> str:
    return normalise_values(str(answer or "").strip())


def translate_html(html: str, translate: Callable[[str], Any]) -> str:
    """Translate a rich text. Links to pages and documents of the site are passed on as URLs
    that say nothing, and put back."""
    links = LINK.findall(html)
    numbers = count()
    passed = LINK.sub(lambda _: f'<a href="{PLACE}{next(numbers)}">', html)
    answer = clean_rich_text(str(translate(passed) or ""))

    def put_back(found: re.Match) -> str:
        number = int(found[1])
        return f"<a {links[number]}>" if number < len(links) else "<a>"

    return PASSED_LINK.sub(put_back, answer)


def to_html(state: str) -> str:
    """Return what Wagtail's editor has as HTML, without its own attributes."""
    return BLOCK_KEY.sub("", ContentstateConverter(FEATURES).to_database_format(state))


def to_state(html: str) -> str:
    """Return HTML as Wagtail's editor has it."""
    return ContentstateConverter(FEATURES).from_database_format(to_editor(html))
