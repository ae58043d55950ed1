"""Posts of WordPress' Liveblog plugin, which are comments: from the site's own export
(WXR), or from the JSON of the plugin's REST API.

An edit is another comment that replaces the first one, and a deletion one without text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ....rich_text import TooLong
from ..entries import Entry, Invalid, Problem, read_text, read_time
from . import html
from .json_items import find_items
from .wxr import Comment, read_comments

SOURCE = "wordpress"
COMMAND = re.compile(r'<span class="liveblog-command [^"]*">[^<]*</span>')
KEY = re.compile(r"(?<![\w/])/key\b")
EMBED = re.compile(r"\[embed[^\]]*\](.*?)\[/embed\]", re.DOTALL)
CAPTION = re.compile(
    r"\[caption[^\]]*\]\s*(?P<image>(?:<a [^>]*>)?\s*<img [^>]*>\s*(?:</a>)?)(?P<text>.*?)\[/caption\]",
    re.DOTALL,
)
SHORTCODE = re.compile(
    r"\[/?(?:audio|gallery|liveblog_key_events|playlist|video)[^\]]*\]"
)
BLOCK_TAG = re.compile(
    r"\s*</?(?:address|article|aside|blockquote|dd|details|div|dl|dt|figcaption|figure"
    r"|footer|form|h[1-6]|header|hr|iframe|li|ol|p|pre|section|table|t[bdhr]\w*|ul|!--)",
    re.IGNORECASE,
)


@dataclass
class Version:
    """A comment: the first of a post, or one that replaces it."""

    place: str
    post_id: str
    at: datetime
    content: str
    created: datetime | None = None  # of the post, if the version says so
    names: list[str] = field(default_factory=list)
    is_key_event: bool = False
    is_first: bool = False
    is_deletion: bool = False


def read(path: Path, *, blog: str = "", **options: Any) -> Iterator[Entry | Problem]:
    """Yield the posts of a file. ``blog`` chooses one of several in a WXR file."""
    if path.suffix.lower() == ".json":
        found: Iterable[Version | Problem] = _read_json(path)
        base_url = ""
    else:
        comments, base_url = read_comments(path, blog)
        found = map(_from_comment, comments)
    versions: dict[str, list[Version]] = {}
    for each in found:
        if isinstance(each, Problem):
            yield each
        else:
            versions.setdefault(each.post_id, []).append(each)
    posts = sorted(versions.values(), key=lambda found: min(each.at for each in found))
    for post in posts:
        if any(version.is_deletion for version in post):
            continue
        try:
            yield _make_entry(sorted(post, key=lambda each: each.at), base_url)
        except TooLong as error:
            yield Problem(post[0].place, str(error))


def _make_entry(versions: list[Version], base_url: str) -> Entry:
    last = versions[-1]
    first = next((each for each in versions if each.is_first), versions[0])
    created = next((each.created for each in versions if each.created), first.at)
    is_edited = last is not first or last.at > created
    return Entry(
        place=first.place,
        source=SOURCE,
        message_id=last.post_id,
        content=html.to_blocks(to_html(last.content), base_url),
        created=created,
        names=first.names or last.names,
        is_converted=True,
        is_key_event=any(each.is_key_event for each in versions),
        times={"modified": last.at} if is_edited else {},
    )


def _from_comment(comment: Comment) -> Version | Problem:
    try:
        at = read_time(comment.date, "wp:comment_date_gmt")
    except Invalid as error:
        return Problem(comment.place, str(error))
    return Version(
        place=comment.place,
        post_id=comment.replaces or comment.id,
        at=at,
        content=comment.content,
        names=comment.names,
        is_key_event=comment.is_key_event,
        is_first=not comment.replaces,
        is_deletion=bool(comment.replaces) and not comment.content.strip(),
    )


def _read_json(path: Path) -> Iterator[Version | Problem]:
    """Yield the entries of the pages that the REST API returned."""
    for line, entry in find_items(path, "entries"):
        place = f"{path.name}, line {line}"
        try:
            yield _from_json(place, entry)
        except Invalid as error:
            yield Problem(place, str(error))


def _from_json(place: str, entry: Any) -> Version:
    if not isinstance(entry, dict) or not str(entry.get("id") or "").isdecimal():
        raise Invalid("An entry must be an object with an id.")
    at = _read_seconds(entry.get("timestamp", entry.get("entry_time")), "timestamp")
    created = entry.get("entry_time")
    content = read_text(entry.get("content") or entry.get("render") or "", "content")
    is_deletion = entry.get("type") == "delete"
    if not content.strip() and not is_deletion:
        raise Invalid("The entry has no content.")
    authors = entry.get("authors") or []
    if not isinstance(authors, list):
        raise Invalid("authors must be a list.")
    return Version(
        place=place,
        post_id=str(entry["id"]),
        at=at,
        content=content,
        created=_read_seconds(created, "entry_time") if created else None,
        names=[
            str(a["name"]) for a in authors if isinstance(a, dict) and a.get("name")
        ],
        is_key_event=bool(entry.get("key_event")),
        is_first=entry.get("type", "new") == "new",
        is_deletion=is_deletion,
    )


def _read_seconds(value: Any, name: str) -> datetime:
    is_number = isinstance(value, str) and value.isdecimal()
    return read_time(int(value) if is_number else value, name)


def to_html(content: str) -> str:
    """Return what WordPress' editor has stored as HTML: shortcodes and commands are
    replaced, and blank lines end paragraphs."""
    content = KEY.sub("", COMMAND.sub("", content.replace("\r\n", "\n")))
    content = EMBED.sub(r"\n\n\1\n\n", content)
    content = CAPTION.sub(
        r"\n\n<figure>\g<image><figcaption>\g<text></figcaption></figure>\n\n", content
    )
    chunks = re.split(r"\n\s*\n", SHORTCODE.sub("", content))
    return "\n".join(map(_to_paragraphs, filter(str.strip, chunks)))


def _to_paragraphs(chunk: str) -> str:
    """Wrap the lines of running text; a URL that has a line for itself is a paragraph."""
    if BLOCK_TAG.match(chunk):
        return chunk
    lines: list[list[str]] = [[]]
    for line in chunk.strip().split("\n"):
        if re.fullmatch(r"\s*https?://\S+\s*", line):
            lines += [[line.strip()], []]
        else:
            lines[-1].append(line)
    return "".join(f"<p>{'<br>'.join(group)}</p>" for group in lines if group)
