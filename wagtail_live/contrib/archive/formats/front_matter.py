"""Documents with front matter: YAML between lines of ``---``, or TOML between ``+++``.

Of YAML, only what front matter consists of: names with a text, a number, a list or
``true`` and ``false``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..entries import Invalid

# In a file with several documents, each begins with its front matter.
YAML = re.compile(
    r"^---[ \t]*\n(?P<yaml>(?:[A-Za-z_][\w -]*:(?:[ \t].*)?\n|[ \t]+.*\n|- .*\n|#.*\n|[ \t]*\n)+)---[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
TOML = re.compile(
    r"\A\+\+\+[ \t]*\n(?P<toml>.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
NAME = re.compile(r"(?P<name>[A-Za-z_][\w -]*?)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
ITEM = re.compile(r"[ \t]*-[ \t]+(?P<value>.*)$")
COMMENT = re.compile(r"(?:^|[ \t])#.*$")
FLAGS = {"true": True, "yes": True, "false": False, "no": False}
ESCAPE = re.compile(r"\\(.)")


@dataclass
class Document:
    """A text with its values, and the line of the file that it begins on."""

    line: int
    values: dict[str, Any]
    body: str
    error: str = ""


def split_documents(text: str) -> Iterator[Document]:
    """Yield the documents of a file. One whose front matter is not valid has an ``error``;
    a file without any is one document without values."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff")
    if found := TOML.match(text):
        yield _read(1, found["toml"], text[found.end() :], _read_toml)
        return
    starts = list(YAML.finditer(text))
    if not starts or text[: starts[0].start()].strip():
        is_broken = text.startswith(("---\n", "+++\n"))
        reason = "The front matter is not valid, or doesn't end." if is_broken else ""
        yield Document(1, {}, text, reason)
        return
    ends = [found.start() for found in starts[1:]] + [len(text)]
    for found, end in zip(starts, ends, strict=True):
        line = text.count("\n", 0, found.start()) + 1
        yield _read(line, found["yaml"], text[found.end() : end], _read_yaml)


def _read(line: int, matter: str, body: str, read: Any) -> Document:
    try:
        return Document(line, read(matter), body)
    except Invalid as error:
        return Document(line, {}, body, str(error))


def _read_toml(matter: str) -> dict[str, Any]:
    try:
        values = tomllib.loads(matter)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The front matter is not valid TOML: {error}.") from None
    return {name.lower(): value for name, value in values.items()}


def _read_yaml(matter: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    name = ""
    for number, line in enumerate(matter.splitlines(), start=2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item, found = ITEM.match(line), NAME.match(line)
        is_list = name and (values[name] == "" or isinstance(values[name], list))
        if item and is_list:
            values[name] = [*(values[name] or []), _read_value(item["value"])]
        elif found:
            name = found["name"].strip().lower()
            values[name] = _read_value(found["value"] or "")
        else:
            raise Invalid(
                f"Line {number} of the front matter is not a name with a value."
            )
    return values


def _read_value(text: str) -> Any:
    text = text.strip()
    if text[:1] in ("'", '"') and (quoted := _read_quoted(text)) is not None:
        return quoted
    text = COMMENT.sub("", text).strip()
    if text.startswith("[") and text.endswith("]"):
        inner = re.findall(r"\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*'|[^,]+", text[1:-1])
        return [_read_value(each) for each in inner if each.strip()]
    return FLAGS.get(text.lower(), text)


def _read_quoted(text: str) -> str | None:
    if text[0] == '"':
        found = re.match(r'"((?:\\.|[^"\\])*)"\s*(?:#.*)?$', text)
        return ESCAPE.sub(r"\1", found[1]) if found else None
    found = re.match(r"'((?:''|[^'])*)'\s*(?:#.*)?$", text)
    return found[1].replace("''", "'") if found else None
