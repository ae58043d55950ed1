"""Tables: cells of text, with a caption and headers."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.telepath import register
from wagtail.admin.telepath.widgets import WidgetAdapter

from ..text import normalise_line

MAX_ROWS = 200
MAX_COLUMNS = 20
HEADERS = {"header_row": True, "header_column": False}
NUMBER = re.compile(r"[-+−±]?\d[\d.,:/ –%-]*")  # also a score, a time or a share


def read_table(value: Any) -> dict[str, Any]:
    """Return a table in the form in which posts store it; ``ValueError`` if it is none.

    ``value`` has ``rows``, lists of texts or numbers, and optionally ``caption``,
    ``header_row`` and ``header_column``; or it is only the rows. Empty rows and columns at
    the end are left out, and all rows get the same number of cells.
    """
    value = {"rows": value} if isinstance(value, list) else value or {}
    if not isinstance(value, dict):
        raise ValueError(gettext("A table has rows of cells."))
    rows = [_read_row(row) for row in _as_list(value.get("rows") or [])]
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((_count_cells(row) for row in rows), default=0)
    if len(rows) > MAX_ROWS or width > MAX_COLUMNS:
        limits = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
        reason = gettext("A table has at most %(rows)d rows and %(columns)d columns.")
        raise ValueError(reason % limits)
    return {
        "caption": _read_cell(value.get("caption")),
        **{name: bool(value.get(name, default)) for name, default in HEADERS.items()},
        "rows": [(row + [""] * width)[:width] for row in rows],
    }


def _read_row(row: Any) -> list[str]:
    return [_read_cell(cell) for cell in _as_list(row)]


def _read_cell(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise ValueError(gettext("The cells of a table are texts or numbers."))
    return normalise_line(str(cell))


def _as_list(value: Any) -> list | tuple:
    if not isinstance(value, list | tuple):
        raise ValueError(gettext("A table has rows of cells."))
    return value


def _count_cells(row: list[str]) -> int:
    return max((place + 1 for place, cell in enumerate(row) if cell), default=0)


class TableInput(forms.HiddenInput):
    """The cells of a table as JSON, which ``<live-table>`` edits."""

    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value)


class TableInputAdapter(WidgetAdapter):
    js_constructor = "wagtail_live.TableInput"

    def js_args(self, widget):
        return [
            {
                "caption": gettext("Caption"),
                "table": gettext("Table"),
                "cell": gettext("Row %(row)s, column %(column)s"),
                "header_row": gettext("Header row"),
                "header_column": gettext("Header column"),
                "add_row": gettext("Add row"),
                "add_column": gettext("Add column"),
                "remove_row": gettext("Remove row"),
                "remove_column": gettext("Remove column"),
            }
        ]

    @property
    def media(self):
        return forms.Media(
            js=["wagtail_live/desk/table-input.js"],
            css={"all": ["wagtail_live/desk/table-input.css"]},
        )


register(TableInputAdapter(), TableInput)


class TableField(forms.Field):
    widget = TableInput

    def to_python(self, value: Any) -> dict[str, Any]:
        try:
            return read_table(json.loads(value) if isinstance(value, str) else value)
        except RecursionError:
            raise ValidationError(gettext("A table has rows of cells.")) from None
        except ValueError as error:
            is_syntax = isinstance(error, json.JSONDecodeError)
            reason = gettext("A table has rows of cells.") if is_syntax else str(error)
            raise ValidationError(reason) from None

    def validate(self, value: dict[str, Any]) -> None:
        if self.required and not value["rows"]:
            raise ValidationError(self.error_messages["required"], code="required")


class LiveTableBlock(blocks.FieldBlock):
    """A table with a caption. Its value is a dict as ``read_table`` returns it."""

    def __init__(
        self,
        required=True,
        help_text=None,
        validators=(),
        search_index=True,
        **kwargs,
    ):
        self.search_index = search_index
        self.field = TableField(
            required=required, help_text=help_text, validators=validators
        )
        super().__init__(**kwargs)

    def normalize(self, value):
        # JSON of a form, which ``clean`` reads, so that its errors are shown
        return value if isinstance(value, str) else read_table(value)

    def to_python(self, value):
        try:
            return read_table(value)
        except ValueError:  # stored by other ways
            return read_table({})

    def get_form_state(self, value):
        try:
            return read_table(json.loads(value) if isinstance(value, str) else value)
        except (RecursionError, ValueError):
            return read_table({})

    def get_prep_value(self, value):
        return read_table(value)

    def get_searchable_content(self, value):
        if not self.search_index or not value:
            return []
        return [text for text in _texts(value) if text]

    def render_basic(self, value, context=None):
        return " | ".join(filter(None, _texts(value or {})))

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        rows = value["rows"]
        has_header = value["header_row"] and len(rows) > 0
        body = rows[has_header:]
        numeric = [_is_numeric(column) for column in zip(*body, strict=True)]
        cells = [list(zip(row, _fill(numeric, row), strict=True)) for row in rows]
        return {
            **context,
            "label": value["caption"] or _("Table"),
            "header": cells[0] if has_header else None,
            "body": cells[has_header:],
        }

    class Meta:
        default: dict[str, Any] = {}
        icon = "table"
        label = _("Table")
        template = "wagtail_live/blocks/table.html"


def _texts(value: dict[str, Any]) -> list[str]:
    rows = value.get("rows", ())
    return [value.get("caption", ""), *(cell for row in rows for cell in row)]


def _is_numeric(column: tuple[str, ...]) -> bool:
    """Return whether all cells that have a text are numbers, so that they are aligned."""
    written = [cell for cell in column if cell]
    return bool(written) and all(map(NUMBER.fullmatch, written))


def _fill(numeric: list[bool], row: list[str]) -> list[bool]:
    return numeric or [False] * len(row)
