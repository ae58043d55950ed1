"""The images, documents and media that exported posts use."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tempfile
from collections import Counter
from pathlib import PurePath
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import FileField

from .references import get_kind
from .stores import Writer

FOLDER = "files"
MANIFEST = "files.jsonl"
CHUNK_SIZE = 2**20
MAX_IN_MEMORY = 2**24
# What Django adds to the name of a file that is there already.
SUFFIX = re.compile("(?:_[a-zA-Z0-9]{7})+$")
# Found again from the file, or written on their own.
LEFT_OUT = {"title", "file", "file_size", "file_hash", "created_at"}


def find_fields(model: Any) -> list[Any]:
    """Return the fields of a model that people fill in, without those of the file itself."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable and not field.is_relation and not field.primary_key
        if field.name not in LEFT_OUT
    ]


class ExportedFiles:
    """Copies files into an export, once each, and lists them in its manifest.

    A path is made from the content, so that it is the same in the next export.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._paths: dict[tuple[Any, Any], str | None] = {}
        self._known: dict[str, str] = {}  # path by record without it
        self._counts: Counter[str] = Counter()
        self._copied: set[str] = set()
        self._lines: list[str] = []
        self.missing: list[str] = []

    def __len__(self) -> int:
        return len(self._lines)

    def find_path(self, model: Any, key: Any) -> str | None:
        """Return the path of a file of the site's library; ``None`` if it was deleted."""
        if (model, key) not in self._paths:
            found = model._default_manager.filter(pk=key).first()
            self._paths[model, key] = self._add(found) if found else None
        return self._paths[model, key]

    def finish(self) -> None:
        """Write the manifest: one line for each file."""
        manifest = "".join(f"{line}\n" for line in self._lines)
        self._writer.add(MANIFEST, io.BytesIO(manifest.encode()))

    def _add(self, found: Any) -> str | None:
        digest = self._copy(found.file)
        if digest is None:
            self.missing.append(f"The file of “{found}” ({found.pk}) is missing.")
            return None
        record = self._describe(found)
        key = json.dumps([digest, record], cls=DjangoJSONEncoder)
        if key not in self._known:
            self._known[key] = self._name(digest, found.file.name)
            line = {"path": self._known[key], "file": digest, **record}
            text = json.dumps(line, ensure_ascii=False, cls=DjangoJSONEncoder)
            self._lines.append(text)
        return self._known[key]

    def _name(self, digest: str, file_name: str) -> str:
        """Return a path that no other entry of the library has."""
        self._counts[digest] += 1
        number = f"-{self._counts[digest]}" if self._counts[digest] > 1 else ""
        stem, suffix = digest.split(".")
        return f"{FOLDER}/{stem}{number}.{suffix}"

    def _copy(self, file: Any) -> str | None:
        """Copy a file, and return the name of the copy; ``None`` if it is missing."""
        digest = hashlib.sha256()
        with tempfile.SpooledTemporaryFile(MAX_IN_MEMORY) as copy:
            try:
                with file.storage.open(file.name) as opened:
                    while chunk := opened.read(CHUNK_SIZE):
                        digest.update(chunk)
                        copy.write(chunk)
            except (OSError, ValueError):
                return None
            suffix = PurePath(file.name).suffix.lower().lstrip(".") or "bin"
            name = f"{digest.hexdigest()[:32]}.{suffix}"
            if name not in self._copied:
                copy.seek(0)
                self._writer.add(f"{FOLDER}/{name}", copy)
                self._copied.add(name)
        return name

    def _describe(self, found: Any) -> dict[str, Any]:
        """Return what the library knows of a file, without what is empty."""
        record = {"kind": get_kind(type(found)), "title": found.title}
        stem, suffix = PurePath(found.file.name).stem, PurePath(found.file.name).suffix
        record["name"] = SUFFIX.sub("", stem) + suffix
        for field in find_fields(type(found)):
            value = field.value_from_object(found)
            if isinstance(field, FileField):
                value = value and self._copy(value)
            if value not in (None, "", 0):
                record[field.name] = value
        if tags := sorted(tag.name for tag in found.tags.all()):
            record["tags"] = tags
        return record
