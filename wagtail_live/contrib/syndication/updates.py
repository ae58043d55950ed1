"""The webhooks of another site, read as events of a receiver.

Webhooks arrive in any order, with the post as it was when they were sent. The version of
an event is therefore that of the post in it; the cursor of the update if there is none.
"""

from __future__ import annotations

import math
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive

from ... import cursors
from ...models import MAX_AUTHORS, MAX_CORRECTION
from ...origins import MAX_ORIGINS, get_site_ids
from ...receivers.base import (
    Author,
    Delete,
    Event,
    Ignored,
    Upsert,
    get_dict,
    get_dicts,
    get_str,
)
from ...receivers.document import Section, safe_url
from ...text import normalise_line
from .content import read_content

PREFIX = "live/"  # of channel ids; those of this site have no slash
SECTION = "post"
MAX_NAME = 255  # characters
MAX_TIME = 10**11  # seconds
IGNORED = {"post.pinned", "post.unpinned"}


def read_update(payload: dict, delivery_id: str) -> Event:
    """Return the event of a webhook. ``ValueError`` if it is not one of wagtail_live."""
    kind, data = get_str(payload, "type"), get_dict(payload, "data")
    if not kind.startswith("post.") or kind in IGNORED:
        return Ignored(delivery_id, f"An update of the type {kind[:50]!r}.")
    chain = read_chain(data)
    if not {each["site"] for each in chain}.isdisjoint(get_site_ids()):
        return Ignored(delivery_id, "The post comes from this site.")
    if len(chain) > MAX_ORIGINS:
        return Ignored(delivery_id, "The post has been on too many sites.")
    post = get_dict(data, "post")
    about = {
        "delivery_id": delivery_id,
        "external_id": PREFIX + get_str(get_dict(data, "channel"), "channel_id"),
        "message_id": get_str(data, "post_id"),
        "version": (read_version(post.get("version", data.get("cursor"))),),
    }
    if kind == "post.deleted":
        return Delete(**about)
    if not post:
        hidden = {"body": (Section(SECTION, None),), "attachments": None}
        fields = {"show": False, "origins": chain}
        return Upsert(**about, **hidden, author=None, omitted=None, fields=fields)
    content = read_content(get_dicts(post, "content"))
    sent_at = parse_datetime(get_str(post, "created"))
    sent_at = None if sent_at is None or is_naive(sent_at) else sent_at
    fields = {**read_fields(post), **read_source(data), "origins": chain}
    if sent_at and sent_at >= cursors.at(0):
        fields["created"] = cursors.to_timestamp(sent_at)
    name = fields["author_name"]
    return Upsert(
        **about,
        sent_at=sent_at,
        author=Author(name, name),
        body=(Section(SECTION, tuple(content.body)),),
        attachments=tuple(content.attachments),
        omitted=tuple(content.omitted),
        fields=fields,
    )


def read_version(value: Any) -> int:
    """Return a cursor in microseconds, which a post has as text."""
    try:
        moment = float(value)
    except (TypeError, ValueError):
        raise ValueError("The update has no cursor.") from None
    if not math.isfinite(moment) or not 0 <= moment < MAX_TIME:
        raise ValueError("The cursor of the update is not valid.")
    return round(moment * 1_000_000)


def read_chain(data: dict) -> list[dict[str, str]]:
    """Return where the post was, the first site first."""
    return [
        {"site": get_str(each, "site")[:MAX_NAME], "post": get_str(each, "post")[:40]}
        for each in get_dicts(data, "origins")[: MAX_ORIGINS + 1]
    ]


def read_fields(post: dict) -> dict[str, Any]:
    """Return what the post has beside its content."""
    authors = get_dicts(post, "authors")[:MAX_AUTHORS]
    names = [_clean(get_str(each, "name")) for each in authors]
    first, *others = [*filter(None, names)] or [""]
    return {
        "title": _clean(get_str(post, "title")),
        "author_name": first,
        "coauthors": others,
        "is_key_event": post.get("is_key_event") is True,
        "correction": normalise_line(get_str(post, "correction"))[:MAX_CORRECTION],
        "show": True,
    }


def read_source(data: dict) -> dict[str, Any]:
    """Return the title of the page, and the URL of the post there, for readers."""
    page = get_dict(get_dict(data, "channel"), "page")
    url = safe_url(get_str(get_dict(data, "post"), "url"))
    url = url if url.startswith(("https://", "http://")) else ""
    return {"source": {"title": _clean(get_str(page, "title")), "url": url}}


def _clean(text: str) -> str:
    return normalise_line(text)[:MAX_NAME]
