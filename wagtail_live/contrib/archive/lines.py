"""A post as a line of JSON: the fields that ``live_post`` takes, and in ``archive`` what
only ``live_import`` can restore."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from ... import cursors
from ...models import LivePost, PostStatus

SOURCE = "live_import"  # of posts whose id was taken on this site
TIMES = ("first_published_at", "modified", "corrected_at", "submitted_at")


def get_line_id(post: LivePost) -> str:
    """Return the id of a post on the site where it was written."""
    is_copy = post.source == SOURCE and post.message_id
    return str(post.message_id) if is_copy else str(post.pk)


def to_line(
    post: LivePost,
    content: list[dict],
    usernames: dict[str, str],
    accounts: dict[str, Any] | None = None,
    *,
    people: dict[str, str],
    is_pinned: bool = False,
) -> str:
    """Return the line of a post with its exported content. ``usernames`` are those of its
    authors by their primary keys as text, ``people`` the names by the references of those
    who are of the site's author model, ``accounts`` those that this site doesn't have."""
    line: dict[str, Any] = {
        "message_id": get_line_id(post),
        "created": format_time(post.created),
        "title": post.title,
        "authors": [_describe_author(each) for each in post.stored_authors],
        "is_key_event": post.is_key_event,
        "correction": post.correction,
        "content": content,
        **_describe_status(post),
        "archive": {
            **_describe_rest(post, usernames, accounts or {}, is_pinned=is_pinned),
            **_describe_people(post, people, accounts or {}),
        },
    }
    kept = {
        name: value for name, value in line.items() if value not in ("", [], {}, None)
    }
    if not post.is_key_event:
        del kept["is_key_event"]
    return json.dumps(kept, ensure_ascii=False)


def format_time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return cursors.to_aware(moment).astimezone(UTC).isoformat()


def _describe_author(author: dict[str, str]) -> dict[str, str]:
    return {name: author[name] for name in ("name", "role") if author.get(name)}


def _describe_people(
    post: LivePost, people: dict[str, str], accounts: dict
) -> dict[str, Any]:
    """Return those of the authors who are people of the author model, of this site or of
    the one where the post was written: their references and names."""
    ids = [each.get("person", "") for each in post.stored_authors]
    named = [{"id": id, "name": people.get(id, "")} if id else None for id in ids]
    others = accounts.get("people") or []
    if len(others) == len(named):
        named = [one or other for one, other in zip(named, others, strict=True)]
    return {"people": named} if any(named) else {}


def _describe_status(post: LivePost) -> dict[str, Any]:
    if post.show:
        return {"show": True}
    if post.go_live_at:
        return {"go_live_at": format_time(post.go_live_at)}
    is_submitted = post.status == PostStatus.SUBMITTED
    return {"show": False} | ({"submitted": True} if is_submitted else {})


def _describe_rest(
    post: LivePost, usernames: dict[str, str], accounts: dict, *, is_pinned: bool
) -> dict[str, Any]:
    """Return what ``live_post`` has no fields for."""
    rest: dict[str, Any] = {name: format_time(getattr(post, name)) for name in TIMES}
    if post.source != SOURCE:
        rest |= {"source": post.source, "message_id": post.message_id}
    rest["author"] = usernames.get(str(post.author_id)) or accounts.get("author")
    if post.coauthors and not post.author_name:
        rest["byline"] = ""
    known = [usernames.get(each.get("user", "")) for each in post.coauthors]
    others = accounts.get("coauthors") or [None] * len(known)
    if len(others) != len(known):
        others = [None] * len(known)
    named = [one or other for one, other in zip(known, others, strict=True)]
    if any(named):
        rest["coauthors"] = named
    if is_pinned:
        rest["pinned"] = True
    if post.is_dated and post.is_unpublished:
        rest["is_dated"] = True
    return {
        name: value
        for name, value in rest.items()
        if name == "byline" or value not in ("", None)
    }
