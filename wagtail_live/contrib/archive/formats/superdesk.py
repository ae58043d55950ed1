"""Posts of Superdesk Live Blog, from the JSON of its API: those of the editors' API, of
the client API, or of its version 2."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from .... import cursors
from ....models import PostStatus
from ....rich_text import TooLong
from ..entries import Entry, Invalid, Problem, read_text, read_time
from . import html
from .json_items import find_items

SOURCE = "superdesk"
STATUSES = {
    "open": PostStatus.PUBLISHED,
    "draft": PostStatus.DRAFT,
    "submitted": PostStatus.SUBMITTED,
}
RENDITIONS = ("original", "baseImage", "viewImage", "thumbnail")
LIMIT = 255


def read(
    path: Path, *, statuses: tuple[str, ...] = (), **options: Any
) -> Iterator[Entry | Problem]:
    """Yield the posts with these statuses, in the order of the file's pages. Deleted posts
    and comments of readers are left out."""
    for line, post in find_items(path, "_items"):
        place = f"{path.name}, line {line}"
        try:
            entry = _read_post(place, post)
        except (Invalid, TooLong) as error:
            yield Problem(place, str(error))
            continue
        except (AttributeError, TypeError):
            yield Problem(place, "The post is not in the form of the API.")
            continue
        if entry and entry.status in statuses:
            yield entry


def _read_post(place: str, post: Any) -> Entry | None:
    if not isinstance(post, dict) or not isinstance(post.get("_id"), str):
        raise Invalid("A post must be an object with an _id.")
    status = STATUSES.get(post.get("post_status") or "open")
    if status is None or post.get("deleted") in (True, "true", "on"):
        return None
    published = post.get("published_date")
    written = published or post.get("firstcreated") or post.get("_created")
    created = read_time(written, "published_date")
    if status == PostStatus.PUBLISHED and published and created > cursors.now():
        status = PostStatus.SCHEDULED
    items = list(_find_items(post))
    content = [block for item in items for block in _read_item(item)]
    if not content:
        raise Invalid("The post has no content that can be imported.")
    return Entry(
        place=place,
        source=SOURCE,
        message_id=read_text(post["_id"], "_id", LIMIT),
        content=content,
        created=created,
        title=read_text(post.get("headline") or "", "headline", LIMIT),
        names=_find_names(post),
        is_key_event=bool(post.get("lb_highlight")),
        is_pinned=bool(post.get("sticky")),
        status=status,
        is_converted=True,
        go_live_at=created if status == PostStatus.SCHEDULED else None,
        times=_find_times(post, created),
    )


def _find_times(post: dict, created: datetime) -> dict[str, datetime]:
    changed = post.get("content_updated_date")
    modified = read_time(changed, "content_updated_date") if changed else created
    return {"modified": modified} if modified > created else {}


def _find_items(post: dict) -> Iterator[dict]:
    """Yield the parts of a post, which are in its main group, or in ``items``."""
    groups = post.get("groups") or []
    found = post.get("items") or [
        ref.get("item")
        for group in groups
        if isinstance(group, dict) and group.get("id") == "main"
        for ref in group.get("refs") or ()
        if isinstance(ref, dict)
    ]
    for item in found:
        item = item.get("item", item) if isinstance(item, dict) else None
        if not isinstance(item, dict):
            raise Invalid("A part of the post is missing: export it with its items.")
        if item.get("item_type") != "comment":
            yield item


def _read_item(item: dict) -> list[html.Block]:
    meta = _as_dict(item.get("meta"))
    text = read_text(item.get("text") or "", "text")
    kind = item.get("item_type") or "text"
    if kind == "image":
        return _read_image(item, meta, text)
    if kind == "quote" and meta.get("quote"):
        return [html.make_quote(_get(meta, "quote"), _get(meta, "credit"))]
    if kind == "embed":
        url = _get(meta, "original_url") or _get(meta, "url")
        if url.startswith(("https://", "http://")):
            return html.to_blocks(f"<p>{escape(url)}</p>")
        return html.to_blocks(_get(meta, "html") or text)
    return html.to_blocks(text if "<" in text else f"<p>{text}</p>")


def _read_image(item: dict, meta: dict, text: str) -> list[html.Block]:
    media = _as_dict(meta.get("media"))
    found = _as_dict(item.get("renditions") or media.get("renditions"))
    urls = [_get(_as_dict(found.get(name)), "href") for name in RENDITIONS]
    url = next(filter(None, urls), "")
    if not url:
        return html.to_blocks(text)
    words = {name: _get(meta, name) for name in ("caption", "credit")}
    alt = _get(meta, "altText") or words["caption"]
    return [html.make_image(url, alt=alt, **words)]


def _as_dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _get(values: dict, name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def _find_names(post: dict) -> list[str]:
    """Return the name of the person who wrote the post."""
    for name in ("syndicated_creator", "original_creator", "publisher"):
        person = post.get(name)
        if isinstance(person, dict):
            known = _get(person, "byline") or _get(person, "display_name")
            if known:
                return [known[:LIMIT]]
    return []
