"""The content of Discord messages (docs.discord.com/developers/resources/message).

People write text, images, files, stickers and polls, and forward messages. Bots write
embeds and components, too. Discord adds an embed to a link as its preview.
"""

from __future__ import annotations

from collections.abc import Iterator
from mimetypes import guess_type
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from ..base import Attachment, get_dict, get_dicts, get_int, get_str
from ..content import Content
from ..document import MAX_DEPTH, Block, Link, Paragraph, Section, Text, paragraphs
from .text import Names, from_markdown, hide_spoilers

IMAGE_HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
VOICE_MESSAGE = 1 << 13  # flag of a message
SPOILER = 1 << 3  # flag of an attachment
SPOILER_PREFIX = "SPOILER_"
BOLD = frozenset({"bold"})
# Types of components, docs.discord.com/developers/components/reference.
BUTTON, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE = 2, 10, 11, 12, 13


# Fields of every message that is complete. An edit that lacks one of them holds only what
# has changed.
REQUIRED = {"attachments", "author", "content", "embeds"}


def read_content(message: dict, *, is_bot: bool, is_edit: bool = False) -> Content:
    """Return the content, in sections of which an edit may leave some unchanged."""
    left_out: set[str] = set()
    if is_edit and not message.keys() >= REQUIRED:
        left_out = READERS.keys() - message.keys()
        if "author" not in message:  # embeds of people are previews
            left_out.add("embeds")
    content = Content()
    for name, part in _read(message, with_embeds=is_bot):
        if name in left_out:
            content.body.append(Section(name, None))
        elif part.body:
            content.body.append(Section(name, tuple(part.body)))
        content.add(Content([], part.attachments, part.omitted))
    return content


def has_files(message: dict, *, is_bot: bool) -> bool:
    """Return whether an edit holds the fields with the message's images."""
    return "attachments" in message and ("embeds" in message or not is_bot)


def name_of(person: dict) -> str:
    return get_str(person, "global_name") or get_str(person, "username")


def _read(message: dict, *, with_embeds: bool) -> Iterator[tuple[str, Content]]:
    """Yield the content of each field."""
    mentioned = get_dicts(message, "mentions")
    names = {get_str(person, "id"): name_of(person) for person in mentioned}
    for name, read in READERS.items():
        content = Content()
        if name != "embeds" or with_embeds:
            read(content, message, names)
        yield name, content


def _read_text(content: Content, message: dict, names: Names) -> None:
    content.body += from_markdown(get_str(message, "content"), names)


def _read_embeds(content: Content, message: dict, names: Names) -> None:
    text = get_str(message, "content")
    for embed in get_dicts(message, "embeds"):
        url = get_str(embed, "url")
        is_preview = get_str(embed, "type") != "rich" or (url and url in text)
        if not is_preview:
            _read_embed(content, embed, names)


def _read_components(content: Content, message: dict, names: Names) -> None:
    for component in get_dicts(message, "components"):
        _read_component(content, component, names)


def _read_forwarded(content: Content, message: dict, names: Names) -> None:
    for snapshot in get_dicts(message, "message_snapshots"):
        inner = {**get_dict(snapshot, "message"), "message_snapshots": []}
        forwarded = Content()
        for _name, part in _read(inner, with_embeds=True):
            forwarded.add(part)
        if not forwarded:
            forwarded.omit(_("forwarded message"))
        content.quote(forwarded.body)
        content.add(Content([], forwarded.attachments, forwarded.omitted))


def _read_files(content: Content, message: dict, names: Names) -> None:
    for file in get_dicts(message, "attachments"):
        _read_file(content, file, message)


def _omit_stickers(content: Content, message: dict, names: Names) -> None:
    for sticker in get_dicts(message, "sticker_items"):
        content.omit(_("sticker"), get_str(sticker, "name"))


def _omit_poll(content: Content, message: dict, names: Names) -> None:
    if poll := get_dict(message, "poll"):
        content.omit(_("poll"), get_str(get_dict(poll, "question"), "text"))


READERS = {
    "content": _read_text,
    "embeds": _read_embeds,
    "components": _read_components,
    "attachments": _read_files,
    "sticker_items": _omit_stickers,
    "poll": _omit_poll,
    "message_snapshots": _read_forwarded,
}


def _read_file(content: Content, file: dict, message: dict) -> None:
    name = get_str(file, "filename")
    mime_type = get_str(file, "content_type") or guess_type(name)[0] or ""
    id = get_str(file, "id")
    if name.startswith(SPOILER_PREFIX) or get_int(file, "flags") & SPOILER:
        content.omit(_("file marked as a spoiler"), name)
    elif id and mime_type.startswith("image/"):
        content.attachments.append(
            Attachment(
                id=id,
                url=get_str(file, "url"),
                name=name,
                mime_type=mime_type,
                alt=get_str(file, "description"),
                size=get_int(file, "size"),
            )
        )
    else:
        kinds = {"video": _("video"), "audio": _("audio")}
        kind = kinds.get(mime_type.partition("/")[0], _("file"))
        if get_int(message, "flags") & VOICE_MESSAGE:
            kind, name = _("voice message"), ""
        if id and mime_type.startswith(("video/", "audio/")):
            content.attach(_read_media(file, mime_type, name), kind, name)
        else:
            content.omit(kind, name)


def _read_media(file: dict, mime_type: str, name: str) -> Attachment:
    duration = file.get("duration_secs")
    is_number = isinstance(duration, int | float) and not isinstance(duration, bool)
    return Attachment(
        id=get_str(file, "id"),
        url=get_str(file, "url"),
        name=name,
        mime_type=mime_type,
        alt=get_str(file, "description"),
        size=get_int(file, "size"),
        duration=duration if is_number else 0,
        width=get_int(file, "width"),
        height=get_int(file, "height"),
    )


def _read_embed(content: Content, embed: dict, names: Names) -> None:
    content.body += _heading(
        get_str(embed, "title") or get_str(get_dict(embed, "author"), "name"),
        get_str(embed, "url"),
    )
    content.body += from_markdown(get_str(embed, "description"), names)
    for field in get_dicts(embed, "fields"):
        content.body += _heading(get_str(field, "name"))
        content.body += from_markdown(get_str(field, "value"), names)
    image = get_dict(embed, "image")
    _read_image(content, get_str(image, "url"), get_str(image, "description"))
    footer = get_str(get_dict(embed, "footer"), "text")
    content.body += paragraphs([Text(footer)])


def _heading(title: str, url: str = "") -> Iterator[Block]:
    text = Text(" ".join(hide_spoilers(title).split()), BOLD)
    if text.text:
        yield Paragraph((Link(url, (text,)) if url else text,))


def _read_image(content: Content, url: str, alt: str) -> None:
    """Download an image from Discord, whose URLs expire, and link to one elsewhere."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if parts.hostname in IMAGE_HOSTS:
        name = parts.path.rpartition("/")[2]
        content.attachments.append(Attachment(parts.path, url, name, alt=alt))
    elif url:
        content.body.append(Paragraph((Link(url, (Text(alt or url),)),)))


def _read_component(
    content: Content, component: dict, names: Names, depth: int = 0
) -> None:
    if depth > MAX_DEPTH:
        return
    if component.get("spoiler") is True:
        return content.omit(_("part marked as a spoiler"))
    kind = get_int(component, "type")
    if kind == TEXT_DISPLAY:
        content.body += from_markdown(get_str(component, "content"), names)
    elif kind == BUTTON and (url := get_str(component, "url")):
        label = Text(get_str(component, "label") or url)
        content.body.append(Paragraph((Link(url, (label,)),)))
    elif kind == FILE:
        content.omit(_("file"), get_str(component, "name"))
    # A thumbnail is like an item of a gallery.
    media = [component] if kind == THUMBNAIL else []
    media += get_dicts(component, "items") if kind == MEDIA_GALLERY else []
    for item in media:
        if item.get("spoiler") is True:
            content.omit(_("image marked as a spoiler"))
            continue
        url = get_str(get_dict(item, "media"), "url")
        _read_image(content, url, get_str(item, "description"))
    for child in [
        *get_dicts(component, "components"),
        get_dict(component, "accessory"),
    ]:
        _read_component(content, child, names, depth + 1)
