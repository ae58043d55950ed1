"""The content of Slack messages.

People write text, files and tables, and share messages. Apps write blocks
(docs.slack.dev/reference/block-kit/blocks) and attachments
(docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments). Slack adds an
attachment to a link as its preview.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from django.utils.translation import gettext as _

from ..base import Attachment, get_dict, get_dicts, get_str
from ..content import Content
from ..discord.text import from_markdown
from ..document import (
    Body,
    Inline,
    LineBreak,
    Link,
    List,
    Paragraph,
    Preformatted,
    Quote,
    Table,
    Text,
    paragraphs,
)
from .files import is_private, read_file, without_private_links
from .mrkdwn import from_mrkdwn, read_labels
from .text import Names, from_rich_text

BOLD = frozenset({"bold"})
MAX_DEPTH = 10
PREVIEW_FIELDS = ("from_url", "original_url", "app_unfurl_url")
# Blocks beside which a message's text is not a repetition.
WORDLESS_BLOCKS = {
    *("actions", "context_actions", "call", "divider", "file", "image", "video"),
}


def read_content(message: dict, names: Names) -> Content:
    """Return the content of a message of a person or an app."""
    text, blocks = get_str(message, "text"), get_dicts(message, "blocks")
    # ``rich_text`` has more than ``mrkdwn``, except for some names.
    names = {**read_labels(text), **names}
    content = Content()
    read_blocks(content, blocks, names)
    if not any(get_str(block, "type") not in WORDLESS_BLOCKS for block in blocks):
        content.body[:0] = from_mrkdwn(text, names)
    elif not content.body:
        content.body += from_mrkdwn(text, names)
    for attachment in get_dicts(message, "attachments"):
        _read_attachment(content, attachment, names)
    for file in get_dicts(message, "files"):
        read_file(content, file)
    return without_private_links(content)


def read_blocks(content: Content, blocks: list[dict], names: Names) -> None:
    for is_rich_text, group in groupby(
        blocks, lambda block: block.get("type") == "rich_text"
    ):
        if is_rich_text:
            content.body += from_rich_text(group, names)
            continue
        for block in group:
            before = len(content.body), len(content.attachments), len(content.omitted)
            _read_element(content, block, names)
            after = len(content.body), len(content.attachments), len(content.omitted)
            if before == after and get_str(block, "type") not in WORDLESS_BLOCKS:
                content.omit(_("block"), get_str(block, "type"))


def _read_element(content: Content, element: dict, names: Names, depth=0) -> None:
    """Read a block or a part of one. Of blocks that are not known here, the texts, images
    and links are read; of menus and input fields nothing."""
    kind, text = element.get("type"), get_str(element, "text")
    match kind:
        case "mrkdwn":
            content.body += from_mrkdwn(text, names)
        case "markdown":
            content.body += from_markdown(text, names, has_spoilers=False)
        case "plain_text" | "raw_text":
            content.body += paragraphs([Text(text)])
        case "rich_text":
            content.body += from_rich_text([element], names)
        case "header":
            title = get_str(get_dict(element, "text"), "text")
            content.body += paragraphs([Text(title, BOLD)])
        case "image":
            _read_image(content, element)
        case "video":
            _read_video(content, element)
        case "table" | "data_table":
            content.body += _table(element, names)
        case "file" | "call":
            content.omit(_("file") if kind == "file" else _("call"))
        case "button" if url := get_str(element, "url"):
            label = Text(get_str(get_dict(element, "text"), "text") or url)
            content.body.append(Paragraph((Link(url, (label,)),)))
        case _ if depth < MAX_DEPTH and "action_id" not in element:
            for child in _children(element):
                _read_element(content, child, names, depth + 1)


def _children(element: dict) -> Iterator[dict]:
    for key, value in element.items():
        if isinstance(value, dict):
            yield value
        yield from get_dicts(element, key)


def _read_image(content: Content, image: dict) -> None:
    """Download a file of Slack, and link to an image elsewhere."""
    alt, url = get_str(image, "alt_text"), get_str(image, "image_url")
    file = get_dict(image, "slack_file")
    if id := get_str(file, "id"):
        name = get_str(get_dict(image, "title"), "text")
        content.attachments.append(Attachment(id, name=name, alt=alt))
    elif is_private(url) or (file and not url):
        content.omit(_("image"), alt)
    elif url:
        content.body.append(Paragraph((Link(url, (Text(alt or url),)),)))


def _read_video(content: Content, video: dict) -> None:
    title = get_str(get_dict(video, "title"), "text")
    content.body += _heading(
        title or get_str(video, "alt_text"),
        get_str(video, "title_url") or get_str(video, "video_url"),
    )
    description = get_str(get_dict(video, "description"), "text")
    content.body += paragraphs([Text(description)])


def _read_attachment(content: Content, attachment: dict, names: Names) -> None:
    is_shared = attachment.get("is_share") is True
    if not is_shared and any(attachment.get(field) for field in PREVIEW_FIELDS):
        return  # the message has the link itself
    inner = Content()
    if is_shared:
        inner.body += _heading(get_str(attachment, "author_name"))
    else:
        inner.body += from_mrkdwn(get_str(attachment, "pretext"), names)
        inner.body += _heading(
            get_str(attachment, "title") or get_str(attachment, "author_name"),
            get_str(attachment, "title_link"),
        )
    heading = len(inner.body)
    for shared in get_dicts(attachment, "message_blocks"):
        read_blocks(inner, get_dicts(get_dict(shared, "message"), "blocks"), names)
    read_blocks(inner, get_dicts(attachment, "blocks"), names)
    if len(inner.body) == heading:
        inner.body += from_mrkdwn(get_str(attachment, "text"), names)
    for field in get_dicts(attachment, "fields"):
        inner.body += _heading(get_str(field, "title"))
        inner.body += from_mrkdwn(get_str(field, "value"), names)
    _read_image(
        inner,
        {
            "image_url": get_str(attachment, "image_url"),
            "alt_text": get_str(attachment, "fallback"),
        },
    )
    inner.body += from_mrkdwn(get_str(attachment, "footer"), names)
    for file in get_dicts(attachment, "files"):
        read_file(inner, file)
    if not inner:
        inner.body += from_mrkdwn(get_str(attachment, "fallback"), names)
    if is_shared:
        quoted, inner.body = inner.body, []
        content.quote(quoted)
    content.add(inner)


def _heading(title: str, url: str = "") -> Body:
    text = Text(" ".join(title.split()), BOLD)
    return (Paragraph((Link(url, (text,)) if url else text,)),) if text.text else ()


def _table(table: dict, names: Names) -> Body:
    rows = []
    for row in table["rows"] if isinstance(table.get("rows"), list) else ():
        cells = row.get("cells") if isinstance(row, dict) else row
        found = get_dicts({"cells": cells}, "cells")
        rows.append(tuple(tuple(_cell(cell, names)) for cell in found))
    return (Table(tuple(rows), get_str(table, "caption")),)


def _cell(cell: dict, names: Names) -> Iterator[Inline]:
    if cell.get("type") != "rich_text":
        value = cell.get("value")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        yield Text(get_str(cell, "text") or (str(value) if is_number else ""))
        return
    for number, paragraph in enumerate(_flatten(from_rich_text([cell], names))):
        yield from [Text(" ")] if number else []
        yield from paragraph


def _flatten(blocks: Body) -> Iterator[tuple[Inline, ...]]:
    """Yield what stands in paragraphs, lists, quotes and code, without blocks."""
    for block in blocks:
        match block:
            case Paragraph(children):
                yield tuple(
                    Text(" ") if isinstance(child, LineBreak) else child
                    for child in children
                )
            case Preformatted(text):
                yield (Text(" ".join(text.split()), frozenset({"code"})),)
            case Quote(inner):
                yield from _flatten(inner)
            case List(items):
                for item in items:
                    yield from _flatten(item)
