"""The comments of live blogs in WordPress' export (WXR), with their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from ..entries import Invalid

LIVEBLOG = "liveblog"
CONTRIBUTOR = re.compile(r"i:\d+;(?:i:(\d+)|s:\d+:\"(\d+)\");")
MAX_SHOWN = 20


@dataclass
class Comment:
    """A comment of the type of the plugin."""

    place: str
    values: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.values.get("wp:comment_id", "").strip()

    @property
    def date(self) -> str:
        return self.values.get("wp:comment_date_gmt", "").strip()

    @property
    def content(self) -> str:
        return self.values.get("wp:comment_content", "")

    @property
    def replaces(self) -> str:
        return self.meta.get("liveblog_replaces", "").strip()

    @property
    def is_key_event(self) -> bool:
        return self.meta.get("liveblog_key_entry") == "true"

    @property
    def is_post(self) -> bool:
        names = ("wp:comment_type", "wp:comment_approved")
        return all(self.values.get(name, "").strip() == LIVEBLOG for name in names)


@dataclass
class Item:
    """A page or an article, and the posts of its live blog."""

    values: dict[str, str] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.values.get("wp:post_id", "").strip()

    def is_called(self, name: str) -> bool:
        return name in (self.id, self.values.get("wp:post_name", "").strip())


def read_comments(path: Path, blog: str) -> tuple[list[Comment], str]:
    """Return the comments of one live blog, and its URL; ``blog`` is its id or slug if
    there are several. ``Invalid`` if it can't be told, and for what is not XML."""
    items, authors = _Reader(path).read()
    found = [item for item in items if not blog or item.is_called(blog)]
    if len(found) != 1:
        shown = ", ".join(
            f"{item.id} ({item.values.get('title', '')})" for item in items[:MAX_SHOWN]
        )
        reason = (
            "There is no live blog" if not found else "There are several live blogs"
        )
        choice = f" Choose one with --blog: {shown}." if items else ""
        raise Invalid(f"{reason} in {path.name}.{choice}")
    comments = found[0].comments
    for comment in comments:
        comment.names = _find_names(comment, authors)
    return comments, found[0].values.get("link", "").strip()


def _find_names(comment: Comment, authors: dict[str, str]) -> list[str]:
    if comment.meta.get("liveblog_hide_authors") in ("1", "true"):
        return []
    keys = CONTRIBUTOR.findall(comment.meta.get("liveblog_contributors", ""))
    others = [authors[key] for pair in keys for key in pair if key in authors]
    name = comment.values.get("wp:comment_author", "").strip()
    return list(dict.fromkeys(filter(None, [name, *others])))


class _Reader:
    """Reads the file in one pass, and keeps only what belongs to live blogs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tags: list[str] = []
        self._text: list[str] = []
        self._items: list[Item] = []
        self._authors: dict[str, str] = {}
        self._author: dict[str, str] = {}
        self._meta: dict[str, str] = {}
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.EntityDeclHandler = self._refuse

    def read(self) -> tuple[list[Item], dict[str, str]]:
        try:
            with self._path.open("rb") as file:
                self._parser.ParseFile(file)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise Invalid(
                f"{self._path.name}, line {error.lineno}: {reason}."
            ) from None
        return [item for item in self._items if item.comments], self._authors

    def _refuse(self, *arguments: object) -> None:
        raise Invalid(f"{self._path.name}: entities are not accepted.")

    def _start(self, tag: str, attributes: dict) -> None:
        self._tags.append(tag)
        self._text.clear()
        if tag == "item":
            self._items.append(Item())
        elif tag == "wp:comment" and self._items:
            place = f"{self._path.name}, line {self._parser.CurrentLineNumber}"
            self._items[-1].comments.append(Comment(place))
        elif tag in ("wp:author", "wp:commentmeta"):
            (self._author if tag == "wp:author" else self._meta).clear()

    def _end(self, tag: str) -> None:
        text = "".join(self._text)
        self._text.clear()
        self._tags.pop()
        parent = self._tags[-1] if self._tags else ""
        if parent == "item" and tag != "wp:comment":
            self._items[-1].values[tag] = text
        elif parent == "wp:comment":
            self._end_of_comment(tag, text)
        elif parent == "wp:commentmeta":
            self._meta[tag] = text
        elif parent == "wp:author":
            self._author[tag] = text
        elif tag == "wp:author":
            name = self._author.get("wp:author_display_name", "").strip()
            self._authors[self._author.get("wp:author_id", "").strip()] = name
        elif tag == "wp:comment" and not self._items[-1].comments[-1].is_post:
            self._items[-1].comments.pop()

    def _end_of_comment(self, tag: str, text: str) -> None:
        comment = self._items[-1].comments[-1]
        if tag == "wp:commentmeta":
            name = self._meta.get("wp:meta_key", "")
            comment.meta[name] = self._meta.get("wp:meta_value", "")
        else:
            comment.values[tag] = text
