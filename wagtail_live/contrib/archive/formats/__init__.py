"""Formats that posts are imported from: a module each, with ``read``."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..entries import Entry, Invalid, Problem
from . import lines, markdown, superdesk, wordpress

Read = Callable[..., Iterator[Entry | Problem]]
FORMATS: dict[str, Read] = {
    "wagtail-live": lines.read,
    "wordpress": wordpress.read,
    "superdesk": superdesk.read,
    "markdown": markdown.read,
}
BEGINNING = 100_000  # characters that show the format of JSON


def find_format(path: Path) -> str:
    """Return the format of a file or folder; ``Invalid`` if it can't be told."""
    if path.is_dir():
        is_export = (path / lines.POSTS).exists()
        return "wagtail-live" if is_export else "markdown"
    if not path.exists():
        raise Invalid(f"{path} does not exist.")
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson") or zipfile.is_zipfile(path):
        return "wagtail-live"
    if suffix in (".md", ".markdown"):
        return "markdown"
    if suffix in (".xml", ".wxr"):
        return "wordpress"
    if suffix == ".json":
        with path.open(encoding="utf-8", errors="replace") as file:
            beginning = file.read(BEGINNING)
        if '"_items"' in beginning or '"groups"' in beginning:
            return "superdesk"
        if '"entries"' in beginning or '"entry_time"' in beginning:
            return "wordpress"
    raise Invalid(f"The format of {path} is not known. Choose one with --format.")


def read_entries(name: str, path: Path, **options: Any) -> Iterator[Entry | Problem]:
    """Yield the posts of a file or folder, and those that can't be read."""
    return FORMATS[name](path, **options)
