"""The files of Slack messages (docs.slack.dev/reference/objects/file-object).

Images are downloaded with the bot's token, and videos and audio where posts have blocks for
them. Other files are named for editors: their URLs need a login, and some contain a token.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from ..base import Attachment, get_dict, get_dicts, get_int, get_str
from ..content import Content
from ..document import Link, Text

FILE_PATHS = ("/files/", "/files-pri/", "/files-tmb/")
DELETED = "tombstone"
CLIPS = ("slack_audio", "slack_video")  # whose titles are those of their files


def is_private(url: str) -> bool:
    """Return ``True`` for the URL of a file in Slack."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    if host in ("files.slack.com", "slack-files.com"):
        return True
    return host.endswith(".slack.com") and parts.path.startswith(FILE_PATHS)


def read_file(content: Content, file: dict) -> None:
    id, mime_type = get_str(file, "id"), get_str(file, "mimetype")
    if file.get("mode") == DELETED:
        return
    # Of files from other workspaces and above the plan's limit, only the id is known.
    is_unknown = get_str(file, "file_access") == "check_file_info"
    is_unknown |= file.get("mode") == "hidden_by_limit"
    is_image = is_unknown or mime_type.startswith("image/")
    is_external = bool(file.get("is_external"))
    if id and is_image and not is_external:
        content.attachments.append(
            Attachment(
                id=id,
                url=get_str(file, "url_private"),
                name=get_str(file, "name"),
                mime_type=mime_type,
                alt=get_str(file, "alt_txt"),
                size=get_int(file, "size"),
            )
        )
        return
    kinds = {"video": _("video"), "audio": _("audio"), "image": _("image")}
    kind = kinds.get(mime_type.partition("/")[0], _("file"))
    name = get_str(file, "name") or get_str(file, "title")
    if id and mime_type.startswith(("video/", "audio/")) and not is_external:
        content.attach(_read_media(file), kind, name)
    else:
        content.omit(kind, name)


def _read_media(file: dict) -> Attachment:
    """Read a video or audio, also a clip that was recorded in Slack."""
    is_clip = get_str(file, "subtype") in CLIPS
    return Attachment(
        id=get_str(file, "id"),
        url=get_str(file, "url_private_download") or get_str(file, "url_private"),
        name=get_str(file, "name"),
        mime_type=get_str(file, "mimetype"),
        alt="" if is_clip else get_str(file, "title"),
        size=get_int(file, "size"),
        thumbnail=get_str(file, "thumb_video"),
        duration=get_int(file, "duration_ms") / 1000,
        width=get_int(file, "thumb_video_w"),
        height=get_int(file, "thumb_video_h"),
    )


def find_files(message: dict) -> list[dict]:
    """Return the files of a message and of the messages that it shares."""
    files = get_dicts(message, "files")
    for attachment in get_dicts(message, "attachments"):
        files += get_dicts(attachment, "files")
    return files


def find_deleted_files(event: dict) -> tuple[str, ...]:
    """Return the ids of the files that an event reports as deleted."""
    deleted: set[str] = set()
    match event.get("type"):
        case "file_deleted":
            deleted = {get_str(event, "file_id")}
        case "file_change":
            deleted = _deleted_ids([get_dict(event, "file")])
        case "message":
            message, previous = get_dict(event, "message"), {}
            if message and not get_dict(message, "edited"):
                previous = get_dict(event, "previous_message")
            message = message or event
            deleted = _deleted_ids(find_files(message))
            deleted |= file_ids(previous) - file_ids(message)
    return tuple(sorted(deleted - {""}))


def file_ids(message: dict) -> set[str]:
    """Return the ids of the files of a message that are not deleted."""
    files = find_files(message)
    return {get_str(file, "id") for file in files} - _deleted_ids(files) - {""}


def without_private_links(content: Content) -> Content:
    """Replace links to files in Slack, such as ``uploaded <url|name>``, by their text."""
    links: list[Link] = []
    body = [_without(block, links) for block in content.body]
    for link in links:
        content.omit(_("file"), _label(link))
    return replace(content, body=body) if links else content


def _deleted_ids(files: list[dict]) -> set[str]:
    return {get_str(file, "id") for file in files if file.get("mode") == DELETED}


def _without(node: Any, links: list[Link]) -> Any:
    """Return a part of a document without the links to files, which it adds to ``links``."""
    if isinstance(node, Text):
        return node
    if isinstance(node, tuple):
        return tuple(_without(child, links) for child in node)
    if isinstance(node, Link):
        if not is_private(node.url):
            return node
        links.append(node)
        return Text(_label(node))
    if not is_dataclass(node) or isinstance(node, type):
        return node
    values = {field.name: getattr(node, field.name) for field in fields(node)}
    changed = {
        name: _without(value, links)
        for name, value in values.items()
        if isinstance(value, tuple)
    }
    return replace(node, **changed) if changed else node


def _label(link: Link) -> str:
    """Return the text of a link, or the file's name if that is the URL itself."""
    text = "".join(child.text for child in link.children if isinstance(child, Text))
    return urlsplit(link.url).path.rpartition("/")[2] if "://" in text else text
