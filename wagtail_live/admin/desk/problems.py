"""The response to a form with errors, which says them in one line, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import JsonResponse
from wagtail.blocks import Block, ListBlock, StreamBlock, StructBlock

from ..base import json_error


def refuse_form(form: BaseForm, summary: str, html: str) -> JsonResponse:
    """Return the form with its errors as HTML, what they are the reason for and how many
    there are, and the first one in a line, for a form that isn't shown."""
    errors = list(find_errors(form))
    first = f"{summary} {errors[0]}"
    return json_error(first, 422, summary=summary, count=len(errors), html=html)


def find_errors(form: BaseForm) -> Iterator[str]:
    """Yield the errors of a form, each with the name of its field or block."""
    for name, errors in form.errors.as_data().items():
        field = form.fields.get(name)
        block = getattr(field, "block", None)
        value = form[name].data if block else None
        for error in errors:
            for label, message in find_messages(error, block, value):
                named = label or (field and field.label)
                yield f"{named}: {message}" if named else message


def find_messages(
    error: ValidationError, block: Block | None, value: Any, label: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield the messages of an error, each with the label of the block that it is about."""
    inner = getattr(error, "block_errors", None)
    if inner is None:
        yield label, " ".join(map(str, error.messages))
        return
    for each in error.non_block_errors.as_data():
        yield from find_messages(each, None, None, label)
    for key, each in inner.items():
        child, item = find_child(block, value, key)
        name = str(child.label) if child and child.label else label
        yield from find_messages(each, child, item, name)


def find_child(block: Block | None, value: Any, key: Any) -> tuple[Block | None, Any]:
    """Return the block of a part of a value, and the part."""
    match block:
        case StreamBlock():
            return value[key].block, value[key].value
        case StructBlock():
            get = getattr(value, "get", None)  # an image is its struct's value
            return block.child_blocks.get(key), get and get(key)
        case ListBlock():
            return block.child_block, value[key]
    return None, None
