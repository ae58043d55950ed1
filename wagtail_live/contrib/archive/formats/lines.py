"""Lines of JSON, as ``live_export`` writes them and ``live_post`` takes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.html import linebreaks
from rest_framework.exceptions import ParseError

from .... import cursors
from ....api.serializers import read_object
from ....models import MAX_CORRECTION, MAX_ROLE, PostStatus
from ..entries import Entry, Invalid, Problem, read_text, read_time
from ..exporting import BLOG, POSTS, VERSION
from ..lines import SOURCE, TIMES
from ..stores import ZipReader, open_reader

FIELDS = {
    *("message_id", "created", "title", "author_name", "authors", "is_key_event"),
    *("correction", "content", "text", "show", "submitted", "go_live_at", "archive"),
}
LIMIT = 255  # characters of a name


def read(path: Path, **options: Any) -> Iterator[Entry | Problem]:
    """Yield the posts of an export, or of a file with only the lines."""
    reader = open_reader(path)
    is_export = path.is_dir() or isinstance(reader, ZipReader)
    name = POSTS if is_export else path.name
    try:
        data = reader.read(name)
    except OSError:
        yield Problem(str(path), f"There is no {POSTS} in it.")
        return
    yield from read_lines(data.splitlines(), name)


def read_lines(lines: Iterable[bytes], name: str) -> Iterator[Entry | Problem]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            yield _read_line(place, read_object(line))
        except Invalid as error:
            yield Problem(place, str(error))
        except ParseError as error:
            yield Problem(place, str(error.detail))


def read_blog(path: Path) -> dict[str, Any]:
    """Return the state of an exported blog, ``{}`` for lines alone."""
    reader = open_reader(path)
    is_export = path.is_dir() or isinstance(reader, ZipReader)
    if not (is_export or path.name == POSTS) or not reader.exists(BLOG):
        return {}
    try:
        blog = json.loads(reader.read(BLOG))
    except ValueError:
        raise Invalid(f"{BLOG} is not valid JSON.") from None
    if not isinstance(blog, dict) or blog.get("format") != "wagtail_live":
        raise Invalid(f"{BLOG} is not of an export.")
    if blog.get("version") != VERSION:
        raise Invalid(f"{BLOG} is of version {blog.get('version')}, not {VERSION}.")
    return blog


def _read_line(place: str, line: dict) -> Entry:
    if unknown := sorted(line.keys() - FIELDS):
        raise Invalid(f"Unknown field: {', '.join(unknown)}.")
    rest = line.get("archive", {})
    if not isinstance(rest, dict):
        raise Invalid("archive must be an object.")
    line_id = read_text(line.get("message_id", ""), "message_id", LIMIT)
    if not line_id:
        raise Invalid("message_id is missing.")
    go_live_at = line.get("go_live_at")
    names = line.get("authors", [])
    if not isinstance(names, list):
        raise Invalid("authors must be a list.")
    author_name = read_text(line.get("author_name", ""), "author_name", LIMIT)
    return Entry(
        place=place,
        source=read_text(rest.get("source", SOURCE), "source", LIMIT),
        message_id=read_text(rest.get("message_id", line_id), "message_id", LIMIT),
        content=_read_content(line),
        created=read_time(line.get("created", cursors.now()), "created"),
        title=read_text(line.get("title", ""), "title", LIMIT),
        names=[_read_name(each) for each in names]
        or ([author_name] if author_name else []),
        roles=[read_text(each.get("role", ""), "role", MAX_ROLE) for each in names],
        is_key_event=_read_flag(line, "is_key_event"),
        correction=read_text(line.get("correction", ""), "correction", MAX_CORRECTION),
        status=_read_status(line, rest),
        go_live_at=read_time(go_live_at, "go_live_at") if go_live_at else None,
        is_pinned=_read_flag(rest, "pinned"),
        is_dated=_read_flag(rest, "is_dated"),
        id=_read_id(line_id),
        has_byline=rest.get("byline") != "",
        times={name: read_time(rest[name], name) for name in TIMES if rest.get(name)},
        accounts=_read_accounts(rest),
    )


def _read_id(line_id: str) -> UUID | None:
    try:
        return UUID(line_id)
    except ValueError:
        return None


def _read_content(line: dict) -> Any:
    if ("text" in line) == ("content" in line):
        raise Invalid("Give either text or content.")
    if "text" in line:
        html = linebreaks(read_text(line["text"], "text").strip(), autoescape=True)
        return [{"type": "text", "value": html}]
    content = line["content"]
    return [{"type": "text", "value": content}] if isinstance(content, str) else content


def _read_name(author: Any) -> str:
    if not isinstance(author, dict) or not isinstance(author.get("name"), str):
        raise Invalid("Each of the authors must have a name.")
    return read_text(author["name"], "name", LIMIT)


def _read_flag(values: dict, name: str) -> bool:
    value = values.get(name, False)
    if not isinstance(value, bool):
        raise Invalid(f"{name} must be true or false.")
    return value


def _read_status(line: dict, rest: dict) -> PostStatus:
    if line.get("go_live_at"):
        return PostStatus.SCHEDULED
    is_submitted = _read_flag(line, "submitted")
    if "show" not in line:
        return PostStatus.SUBMITTED if is_submitted else PostStatus.PUBLISHED
    if _read_flag(line, "show"):
        return PostStatus.PUBLISHED
    if rest.get("first_published_at"):
        return PostStatus.HIDDEN
    return PostStatus.SUBMITTED if is_submitted else PostStatus.DRAFT


def _read_accounts(rest: dict) -> dict[str, Any]:
    accounts: dict[str, Any] = {}
    if rest.get("author"):
        accounts["author"] = read_text(rest["author"], "author", LIMIT)
    if rest.get("coauthors"):
        if not isinstance(rest["coauthors"], list):
            raise Invalid("coauthors must be a list.")
        accounts["coauthors"] = [
            name and read_text(name, "coauthors", LIMIT) for name in rest["coauthors"]
        ]
    if rest.get("people"):
        if not isinstance(rest["people"], list):
            raise Invalid("people must be a list.")
        accounts["people"] = [each and _read_person(each) for each in rest["people"]]
    return accounts


def _read_person(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise Invalid("Each of the people must have an id and a name.")
    return {
        name: read_text(given.get(name, ""), f"{name} of a person", LIMIT)
        for name in ("id", "name")
    }
