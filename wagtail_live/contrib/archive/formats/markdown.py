"""Markdown with front matter: a file for each post, or several posts in a file.

Raw HTML in it is shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ....models import MAX_CORRECTION, PostStatus
from ....receivers.discord.text import from_markdown
from ....receivers.document import to_html
from ....rich_text import TooLong
from ..entries import Entry, Invalid, Problem, read_text, read_time
from . import html
from .front_matter import Document, split_documents

SOURCE = "markdown"
SUFFIXES = {".md", ".markdown"}
LIMIT = 255
FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)
IMAGE = re.compile(
    r"!\[(?P<alt>[^\]]*)\]\(<?(?P<url>[^\s)>]+)>?(?:\s+[\"'](?P<title>[^\"']*)[\"'])?\)"
)
HEADING = re.compile(r"^(?P<level>#{1,6})[ \t]+(?P<text>.+?)[ \t#]*$")
RULE = re.compile(r"^ {0,3}(?:(?:\*[ ]*){3,}|(?:-[ ]*){3,}|(?:_[ ]*){3,})$")
DELIMITER = re.compile(r"^\s*\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*$")
WRAP = re.compile(r"(?<![ \\\n])\n(?=[^\s>*\-+\d`|#])")
HARD_BREAK = re.compile(r"(?: {2,}|\\)\n")
STRONG = re.compile(r"(?<![\w\\])__(?=\S)(.+?)(?<=\S)__(?!\w)")
AUTOMATIC = re.compile(r"<(https?://[^\s<>]+)>")


def read(path: Path, **options: Any) -> Iterator[Entry | Problem]:
    """Yield the posts of a file, or of all files in a folder."""
    root = path if path.is_dir() else path.parent
    found = path.rglob("*") if path.is_dir() else [path]
    files = [
        file for file in found if not path.is_dir() or file.suffix.lower() in SUFFIXES
    ]
    for file in sorted(files):
        name = file.relative_to(root).as_posix()
        text = file.read_text("utf-8", "replace")
        for number, document in enumerate(split_documents(text)):
            place = f"{name}, line {document.line}"
            try:
                yield _read_post(place, name, number, document)
            except (Invalid, TooLong) as error:
                yield Problem(place, str(error))


def _read_post(place: str, name: str, number: int, document: Document) -> Entry:
    values = document.values
    if document.error:
        raise Invalid(document.error)
    content = to_blocks(document.body, name.rpartition("/")[0])
    if not content:
        raise Invalid("The post is empty.")
    created = _read_time(_get(values, "date", "created", "published"), "date")
    changed = _get(values, "lastmod", "updated", "modified")
    go_live_at = _get(values, "go_live_at", "publishdate")
    stem = name.rpartition(".")[0] + (f"#{number + 1}" if number else "")
    post_id = str(_get(values, "id", "message_id", "slug") or stem)
    return Entry(
        place=place,
        source=SOURCE,
        message_id=read_text(post_id, "id", LIMIT),
        content=content,
        created=created,
        title=read_text(str(values.get("title") or ""), "title", LIMIT),
        names=_read_names(_get(values, "authors", "author")),
        is_key_event=_read_flag(values, "key_event", "is_key_event"),
        correction=read_text(
            str(values.get("correction") or ""), "correction", MAX_CORRECTION
        ),
        is_pinned=_read_flag(values, "pinned"),
        status=_read_status(values, go_live_at),
        is_converted=True,
        go_live_at=_read_time(go_live_at, "go_live_at") if go_live_at else None,
        times={"modified": _read_time(changed, "updated")} if changed else {},
    )


def _get(values: dict[str, Any], *names: str) -> Any:
    return next((values[name] for name in names if values.get(name)), None)


def _read_time(value: Any, name: str) -> datetime:
    if value is None:
        raise Invalid(f"{name} is missing.")
    is_date = isinstance(value, date) and not isinstance(value, datetime)
    return read_time(value.isoformat() if is_date else value, name)


def _read_flag(values: dict[str, Any], *names: str) -> bool:
    value = _get(values, *names) or False
    if not isinstance(value, bool):
        raise Invalid(f"{names[0]} must be true or false.")
    return value


def _read_names(value: Any) -> list[str]:
    names = value if isinstance(value, list) else [value] if value else []
    return [read_text(str(name), "author", LIMIT) for name in names]


def _read_status(values: dict[str, Any], go_live_at: Any) -> PostStatus:
    if go_live_at:
        return PostStatus.SCHEDULED
    if _read_flag(values, "draft"):
        return PostStatus.DRAFT
    try:
        status = PostStatus(values.get("status") or PostStatus.PUBLISHED)
    except ValueError:
        names = ", ".join(PostStatus.values)
        raise Invalid(f"status must be one of: {names}.") from None
    if status == PostStatus.SCHEDULED:
        raise Invalid("A scheduled post needs go_live_at.")
    return status


def to_blocks(body: str, folder: str = "") -> list[html.Block]:
    """Return the blocks of Markdown. The files of images are in ``folder``."""
    blocks: list[html.Block] = []
    position = 0
    code = _find_code(body)
    for image in IMAGE.finditer(body):
        if any(start < image.start() < end for start, end in code):
            continue
        blocks += _make_text(body[position : image.start()])
        blocks.append(_make_image(image, folder))
        position = image.end()
    return html.finish(blocks + _make_text(body[position:]))


def _find_code(body: str) -> list[tuple[int, int]]:
    fences = [found.start() for found in FENCE.finditer(body)]
    inline = [found.span() for found in re.finditer(r"`[^`\n]+`", body)]
    return list(zip(fences[::2], [*fences[1::2], len(body)], strict=False)) + inline


def _make_image(image: re.Match, folder: str) -> html.Block:
    url = image["url"]
    if not url.startswith(("https://", "http://")) and folder:
        url = f"{folder}/{url}"
    return html.make_image(url, alt=image["alt"], caption=image["title"] or "")


def _make_text(text: str) -> list[html.Block]:
    """Return the blocks of Markdown without images: text, with headings, and tables."""
    blocks: list[html.Block] = []
    written: list[str] = []
    lines: list[str] = []
    is_code = False

    def end_lines() -> None:
        running, lines[:] = "\n".join(lines), []
        written.append(_to_html(running))

    def end_text() -> None:
        end_lines()
        blocks.append({"type": "text", "value": "".join(written)})
        written.clear()

    rows = text.split("\n")
    while rows:
        line = rows.pop(0)
        is_code ^= bool(FENCE.match(line))
        is_table = bool(rows) and "|" in line and DELIMITER.match(rows[0])
        if is_code:
            lines.append(line)
        elif is_table:
            end_text()
            blocks.append(_read_table(line, rows))
        elif heading := HEADING.match(line):
            end_lines()
            tag = "h3" if len(heading["level"]) < 4 else "h4"
            inner = _to_html(heading["text"]).removeprefix("<p>").removesuffix("</p>")
            written.append(f"<{tag}>{inner}</{tag}>")
        elif RULE.match(line):
            end_lines()
            written.append("<hr>")
        else:
            lines.append(line)
    end_text()
    return [block for block in blocks if block["value"]]


def _to_html(text: str) -> str:
    if not text.strip():
        return ""
    parts = re.split(
        r"(^```.*?(?:^```[ \t]*$|\Z))", text, flags=re.DOTALL | re.MULTILINE
    )
    for place in range(0, len(parts), 2):
        unwrapped = WRAP.sub(" ", parts[place])
        parts[place] = STRONG.sub(r"**\1**", HARD_BREAK.sub("\n", unwrapped))
    body = from_markdown(AUTOMATIC.sub(r"\1", "".join(parts)), {}, has_spoilers=False)
    return to_html(body)


def _read_table(first: str, rows: list[str]) -> html.Block:
    cells = [_split_row(first)]
    rows.pop(0)
    while rows and "|" in rows[0]:
        cells.append(_split_row(rows.pop(0)))
    return {"type": "table", "value": {"rows": cells, "header_row": True}}


def _split_row(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [cell.strip().replace("\\|", "|") for cell in cells]
