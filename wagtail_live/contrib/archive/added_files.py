"""Files of an import in the site's library: those of an export, and images from outside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import FileField
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form
from wagtail.models import Collection

from ...images import InvalidImage, prepare_image
from ...outbound import RequestFailed
from .exported_files import FOLDER, MANIFEST, find_fields
from .references import get_kind
from .stores import Reader

Fetch = Callable[[str], bytes]


class FileRefused(ValidationError):
    """A file that can't be added, with the reason."""


class AddedFiles:
    """Adds each file once, also if an earlier run was killed after it had been added."""

    def __init__(self, reader: Reader, fetch: Fetch, *, is_dry: bool = False) -> None:
        self._reader, self._fetch, self._is_dry = reader, fetch, is_dry
        self._keys: dict[tuple[str, str], Any] = {}
        self._failed: dict[str, str] = {}
        self._records = _read_manifest(reader)
        self.added = 0

    def find_key(self, model: Any, path: str) -> Any:
        """Return the key of the file with this path or URL in the site's library;
        ``FileRefused`` if there is none."""
        kind = get_kind(model)
        if (kind, path) not in self._keys:
            if path in self._failed:
                raise FileRefused(self._failed[path])
            try:
                self._keys[kind, path] = self._find(model, kind, path)
            except FileRefused as error:
                self._failed[path] = str(error.message)
                raise
        return self._keys[kind, path]

    def _find(self, model: Any, kind: str, path: str) -> Any:
        record = self._records.get(path)
        if record is None and kind == "image":
            return self._find_image(path)
        if record is None or record.get("kind") != kind:
            raise FileRefused(f"The file {path} is not in {MANIFEST}.")
        data = self._read(f"{FOLDER}/{record.get('file')}")
        if self._is_dry:
            return None
        return self._restore(model, kind, record, data).pk

    def _read(self, name: str) -> bytes:
        try:
            return self._reader.read(name)
        except OSError:
            raise FileRefused(f"The file {name} is missing.") from None

    def _find_image(self, path: str) -> Any:
        """Return an image from a URL, or from a file beside the imported one."""
        is_remote = urlsplit(path).scheme in ("http", "https")
        if self._is_dry and is_remote:
            return None
        try:
            data = self._fetch(path) if is_remote else self._read(unquote(path))
            name = PurePosixPath(unquote(urlsplit(path).path)).name[:100] or "image"
            form = prepare_image(SimpleUploadedFile(name, data), name)
        except (InvalidImage, RequestFailed) as error:
            raise FileRefused(f"The image {path} can't be added: {error}") from None
        if self._is_dry:
            return None
        cleaned = form.files["file"]
        cleaned.seek(0)
        found = _find_same(
            get_image_model(), cleaned.read(), form.cleaned_data["title"]
        )
        return (found or self._save(form)).pk

    def _save(self, form: Any) -> Any:
        self.added += 1
        with transaction.atomic():
            return form.save()

    def _restore(self, model: Any, kind: str, record: dict, data: bytes) -> Any:
        """Return what was exported, as it was."""
        found = _find_same(model, data, str(record.get("title")), record)
        if found:
            return found
        name = PurePosixPath(str(record.get("name") or "file")).name[-100:]
        try:
            with transaction.atomic():
                row = _make_image(name, data, record) if kind == "image" else model()
                if kind != "image":
                    row.title = str(record.get("title"))[:255]
                    row.file = ContentFile(data, name=name)
                    row.collection = Collection.get_first_root_node()
                self._set_fields(row, record)
                row.full_clean(exclude=["file", "file_hash"])
                if kind == "document":
                    row._set_document_file_metadata()
                row.save()
                row.tags.set(record.get("tags") or [])
        except (InvalidImage, ValidationError) as error:
            reasons = getattr(error, "messages", [str(error)])
            raise FileRefused(f"{record['path']}: {' '.join(reasons)}") from None
        self.added += 1
        return row

    def _set_fields(self, row: Any, record: dict) -> None:
        for field in find_fields(type(row)):
            if field.name not in record:
                continue
            value = record[field.name]
            if isinstance(field, FileField):
                name = f"{record.get('name')}-{field.name}{PurePosixPath(value).suffix}"
                value = ContentFile(self._read(f"{FOLDER}/{value}"), name=name)
            else:
                value = field.to_python(value)
            setattr(row, field.name, value)


def _read_manifest(reader: Reader) -> dict[str, dict]:
    if not reader.exists(MANIFEST):
        return {}
    lines = reader.read(MANIFEST).decode("utf-8", "replace").splitlines()
    try:
        records = [json.loads(line) for line in lines if line.strip()]
        return {record["path"]: record for record in records}
    except (KeyError, TypeError, ValueError):
        raise FileRefused(f"{MANIFEST} is not valid.") from None


def _make_image(name: str, data: bytes, record: dict) -> Any:
    """Return an image that the site's form accepts, with its bytes as they are."""
    values = {
        "title": str(record.get("title"))[:255],
        "collection": Collection.get_first_root_node().pk,
    }
    form = get_image_form(get_image_model())(
        values, {"file": SimpleUploadedFile(name, data)}
    )
    if not form.is_valid():
        errors = [str(error) for errors in form.errors.values() for error in errors]
        raise InvalidImage(" ".join(errors))
    return form.save(commit=False)


def _find_same(model: Any, data: bytes, title: str, record: dict | None = None) -> Any:
    """Return what is in the library with the same bytes, title and other values."""
    rows = model._default_manager.filter(title=title[:255])
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    has_hash = hasattr(model, "file_hash")
    if has_hash:
        rows = rows.filter(file_hash=digest)
    for row in rows[:20]:
        is_same = record is None or _is_same(row, record)
        if is_same and (has_hash or _read_file(row) == data):
            return row
    return None


def _is_same(row: Any, record: dict) -> bool:
    for field in find_fields(type(row)):
        if isinstance(field, FileField):
            continue
        value = field.value_from_object(row)
        wanted = record.get(field.name)
        wanted = wanted if wanted is None else field.to_python(wanted)
        if (value or None) != (wanted or None):
            return False
    return sorted(tag.name for tag in row.tags.all()) == (record.get("tags") or [])


def _read_file(row: Any) -> bytes:
    try:
        with row.file.storage.open(row.file.name) as opened:
            return opened.read()
    except (OSError, ValueError):
        return b""
