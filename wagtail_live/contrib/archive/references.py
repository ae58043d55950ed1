"""The values of blocks outside of their site: files by their paths, pages by theirs, and
rich text without ids of the site."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import CharField
from django.utils.html import escape
from wagtail import blocks
from wagtail.documents.models import AbstractDocument
from wagtail.images.blocks import ImageBlock
from wagtail.images.models import AbstractImage
from wagtail.models import Page
from wagtail.rich_text import expand_db_html

from ...blocks import KeptBlock, LiveTableBlock
from ...models import get_page_model
from ...page.rendering import make_absolute
from ...posts.content import BLOCK_KEY
from ...rich_text import TooLong, clean_rich_text

PAGE_PREFIX = "page:"
TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
ID_IN_HTML = re.compile(r"\b(?:linktype|embedtype)=")
Find = Callable[[str, Any], Any]


def get_kind(model: Any) -> str:
    """Return ``image``, ``document`` or ``media`` for a model with files, ``""`` for any
    other."""
    if issubclass(model, AbstractImage):
        return "image"
    if issubclass(model, AbstractDocument):
        return "document"
    names = {field.name for field in model._meta.get_fields()}
    return "media" if {"file", "type", "thumbnail"} <= names else ""


def export_value(block: Any, raw: Any, base_url: str, find_path: Find) -> Any:
    """Return a stored value as it is exported. ``find_path`` takes a model and a key, and
    returns the path of the file, ``None`` if there is none."""

    def export(block: Any, raw: Any) -> Any:
        match block, raw:
            case blocks.RichTextBlock(), str():
                return make_portable(raw, base_url)
            case ImageBlock(), int():
                return find_path(block.child_blocks["image"].model_class, raw)
            case blocks.ChooserBlock(), _ if raw is not None:
                return _export_choice(block.model_class, raw, find_path)
            case blocks.StreamBlock(), list():
                return [_export_child(item, block, export) for item in raw]
            case blocks.ListBlock(), list():
                return [_export_item(item, block.child_block, export) for item in raw]
            case blocks.StructBlock(), dict():
                known = block.child_blocks
                return {
                    name: export(known.get(name), value) for name, value in raw.items()
                }
        return raw

    return export(block, raw)


def _with(item: dict, value: Any) -> dict:
    return {**item, "value": value}


def _export_child(item: dict, block: Any, export: Callable) -> dict:
    child = block.child_blocks.get(item["type"])
    mark = {"kept": True} if isinstance(child, KeptBlock) else {}
    return {**item, "value": export(child, item["value"]), **mark}


def _export_item(item: Any, block: Any, export: Callable) -> Any:
    is_named = isinstance(item, dict) and item.keys() >= {"type", "value"}
    return (
        _with(item, export(block, item["value"])) if is_named else export(block, item)
    )


def _export_choice(model: Any, key: Any, find_path: Find) -> Any:
    if get_kind(model):
        return find_path(model, key)
    if issubclass(model, Page):
        path = (
            get_page_model().objects.filter(pk=key).values_list("url_path", flat=True)
        )
        return f"{PAGE_PREFIX}{path[0]}" if path else None
    return key


def make_portable(html: str, base_url: str) -> str:
    """Return rich text with URLs instead of ids of pages and documents, and as it is
    after cleaning unless that takes something away."""
    if ID_IN_HTML.search(html):
        html = expand_db_html(html)
    html = make_absolute(BLOCK_KEY.sub("", html), base_url)
    try:
        cleaned = clean_rich_text(html)
    except TooLong:
        return html
    is_whole = sorted(TAG_NAME.findall(cleaned)) == sorted(TAG_NAME.findall(html))
    return cleaned if is_whole else html


def import_value(block: Any, raw: Any, find_key: Find, *, is_trusted: bool) -> Any:
    """Return the value to store for an exported one; ``ValidationError`` if the block can't
    hold it. ``find_key`` takes a model and a path, and returns the key of the file."""

    def read(block: Any, raw: Any) -> Any:
        match block:
            case blocks.RichTextBlock():
                return _as_text(raw) if is_trusted else clean_rich_text(_as_text(raw))
            case blocks.RawHTMLBlock() if not is_trusted:
                raise ValidationError("Raw HTML is imported only with --trust-html.")
            case blocks.ChooserBlock():
                return None if raw is None else _import_choice(block, raw, find_key)
            case blocks.StreamBlock():
                return [
                    _read_item(item, block.child_blocks, read) for item in _as_list(raw)
                ]
            case blocks.ListBlock():
                known = {"item": block.child_block}
                return [
                    _read_item(_as_item(item), known, read) for item in _as_list(raw)
                ]
            case ImageBlock() if isinstance(raw, str):
                return _import_choice(block.child_blocks["image"], raw, find_key)
            case blocks.StructBlock():
                return _read_struct(block, raw, read)
        return _read_plain(block, raw)

    return read(block, raw)


def _read_item(item: Any, known: Any, read: Callable) -> dict:
    if not isinstance(item, dict) or not item.keys() >= {"type", "value"}:
        raise ValidationError('A block must be an object with "type" and "value".')
    if item["type"] not in list(known):
        if item.get("kept") is True and isinstance(item["type"], str):
            # Readers don't see it, and nobody can edit it; see ``KeptBlock``.
            return {
                name: item[name] for name in ("type", "value", "id") if name in item
            }
        names = ", ".join(known)
        shown = escape(str(item["type"])[:50])
        raise ValidationError(
            f"There is no block type {shown!r}. Choose from: {names}."
        )
    found = {"type": item["type"], "value": read(known[item["type"]], item["value"])}
    return found | ({"id": item["id"]} if isinstance(item.get("id"), str) else {})


def _as_item(item: Any) -> Any:
    is_named = isinstance(item, dict) and item.keys() >= {"type", "value"}
    return item if is_named else {"type": "item", "value": item}


def _read_struct(block: Any, raw: Any, read: Callable) -> dict:
    if not isinstance(raw, dict):
        raise ValidationError(f"The value of {block.name!r} must be an object.")
    if unknown := sorted(raw.keys() - set(block.child_blocks)):
        raise ValidationError(f"{block.name!r} has no {', '.join(map(str, unknown))}.")
    return {name: read(block.child_blocks[name], value) for name, value in raw.items()}


def _read_plain(block: Any, raw: Any) -> Any:
    """Read a text, a number or what else a block has in it, in the form it is stored in."""
    is_text = isinstance(getattr(block, "field", None), CharField)
    if is_text and not isinstance(raw, str | None):
        raise ValidationError(f"The value of {block.name!r} must be a string.")
    is_table = isinstance(block, LiveTableBlock)  # which reads a wrong one as empty
    try:
        return block.get_prep_value(raw if is_table else block.to_python(raw))
    except (AttributeError, KeyError, TypeError, ValueError):
        reason = f"Not a valid value for the block type {block.name!r}."
        raise ValidationError(reason) from None


def _import_choice(block: Any, raw: Any, find_key: Find) -> Any:
    model = block.model_class
    if get_kind(model):
        return find_key(model, _as_text(raw))
    if isinstance(raw, str) and raw.startswith(PAGE_PREFIX):
        path = raw.removeprefix(PAGE_PREFIX)
        page = get_page_model().objects.filter(url_path=path).first()
        if page is None:
            raise ValidationError(f"This site has no page {path}.")
        return page.pk
    if isinstance(raw, bool) or not model.objects.filter(pk=raw).exists():
        raise ValidationError(f"This site has no {model._meta.verbose_name} {raw!r}.")
    return raw


def _as_text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValidationError("Must be a string.")
    return raw


def _as_list(raw: Any) -> list:
    if not isinstance(raw, list):
        raise ValidationError("Must be a list.")
    return raw
