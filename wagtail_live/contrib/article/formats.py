"""HTML of a post's blocks as text, and the formats that another editor does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from ...admin.desk.tools import get_features

TAG = re.compile(r"<([a-z]\w*)")
SAME = {"strong": "b", "em": "i", "del": "s", "strike": "s"}


def find_lost_formats(html: str, block: Any) -> list[str]:
    """Return the names of the formats that a rich text block would drop, in the language of
    the editor."""
    converter = ContentstateConverter(get_features(block))
    kept = converter.to_database_format(converter.from_database_format(html))
    return name_formats(_find_tags(html) - _find_tags(kept))


def find_formats(html: str) -> list[str]:
    """Return the names of the formats in a rich text."""
    return name_formats(_find_tags(html))


def name_formats(tags: Iterable[str]) -> list[str]:
    names = {
        "a": _("Link"),
        "b": _("Bold"),
        "i": _("Italic"),
        "s": _("Strikethrough"),
        "code": _("Code"),
        "ul": _("List"),
        "ol": _("Numbered list"),
        "blockquote": _("Quote"),
        **{f"h{level}": _("Heading") for level in range(1, 7)},
    }
    return sorted({names[tag] for tag in tags if tag in names})


def _find_tags(html: str) -> set[str]:
    return {SAME.get(tag, tag) for tag in TAG.findall(html)}


def as_paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def as_link(url: str, text: str) -> str:
    return f'<p><a href="{escape(url)}">{escape(text)}</a></p>'


def as_page_link(page: Any) -> str:
    return f'<p><a linktype="page" id="{page.pk}">{escape(page.title)}</a></p>'


def as_quote(value: Any) -> str:
    quote = escape(value["quote"]).replace("\n", "<br/>")
    speaker = name_speaker(value)
    below = as_paragraphs([f"— {speaker}"]) if speaker else ""
    return f"<blockquote>{quote}</blockquote>{below}"


def name_speaker(value: Any) -> str:
    """Return the name and the role of the person who is quoted."""
    return ", ".join(filter(None, (value.get("name"), value.get("role"))))


def as_sponsor(value: Any) -> str:
    text = _("Sponsored by %(sponsor)s") % {"sponsor": value["sponsor"]}
    return as_link(value["link"], text) if value.get("link") else as_paragraphs([text])


def as_rows(value: dict[str, Any]) -> str:
    rows = (" | ".join(row) for row in value["rows"])
    return as_paragraphs(filter(None, [value["caption"], *rows]))


def as_wagtail_table(value: dict[str, Any]) -> dict[str, Any]:
    """Return a table as ``wagtail.contrib.table_block`` has it."""
    choices = ["neither", "row", "column", "both"]
    headers = value["header_row"] + 2 * value["header_column"]
    return {
        "data": value["rows"],
        "cell": [],
        "mergeCells": [],
        "first_row_is_table_header": value["header_row"],
        "first_col_is_header": value["header_column"],
        "table_header_choice": choices[headers],
        "table_caption": value["caption"],
    }
