"""Updates of Telegram (core.telegram.org/bots/api#update)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from ..base import (
    Attachment,
    Author,
    Delete,
    Event,
    Hide,
    Ignored,
    Upsert,
    get_dict,
    get_dicts,
    get_id,
    get_int,
    get_str,
)
from .text import from_entities

MESSAGES = ("message", "edited_message", "channel_post", "edited_channel_post")
WITHDRAWALS = {"/delete": partial(Delete, whole_group=True), "/hide": Hide}
# Only their captions are shown, so an edit may leave a post empty.
CAPTIONED = {"animation", "audio", "document", "video", "voice"}
YEAR_9999 = 253_402_300_799


def read_update(update: dict) -> Event:
    """Return the event in an update."""
    delivery_id = get_id(update, "update_id")
    kind = next((kind for kind in MESSAGES if get_dict(update, kind)), None)
    if kind is None:
        others = sorted(str(key)[:50] for key in update if key != "update_id")
        return Ignored(
            delivery_id, f"Updates of the type {', '.join(others[:1])!r} are not shown."
        )
    message = get_dict(update, kind)
    external_id = get_id(get_dict(message, "chat"), "id")
    if not external_id or not get_int(message, "message_id") or not _sent(message):
        return Ignored(delivery_id, "The message has no chat, id or date.")
    if command := command_of(message):
        return _command(delivery_id, external_id, message, command)
    return _upsert(delivery_id, external_id, message)


def command_of(message: dict) -> str:
    """Return the command at the start of a message, without the name of the bot."""
    text = get_str(message, "text")
    for entity in get_dicts(message, "entities"):
        if entity.get("type") == "bot_command" and entity.get("offset") == 0:
            return text.split()[0].partition("@")[0] if text.split() else ""
    return ""


def author_of(message: dict) -> Author:
    """Return the sender: a chat for posts of channels and anonymous administrators."""
    chat, person = get_dict(message, "sender_chat"), get_dict(message, "from")
    signature = get_str(message, "author_signature")
    if chat or not person:
        chat = chat or get_dict(message, "chat")
        return Author(id=get_id(chat, "id"), name=signature)
    names = get_str(person, "first_name"), get_str(person, "last_name")
    name = " ".join(filter(None, names))
    return Author(get_id(person, "id"), name, is_bot=person.get("is_bot") is True)


def _command(delivery_id: str, external_id: str, message: dict, command: str) -> Event:
    replied = get_dict(message, "reply_to_message")
    message_id = get_id(replied, "message_id")
    if command not in WITHDRAWALS or not message_id:
        return Ignored(delivery_id, f"The command {command[:50]!r} is ignored.")
    return WITHDRAWALS[command](
        delivery_id=delivery_id,
        external_id=external_id,
        message_id=message_id,
        version=_version(delivery_id, message),
        author=author_of(message),
    )


def _upsert(delivery_id: str, external_id: str, message: dict) -> Event:
    text, entities = get_str(message, "text"), "entities"
    if not text:
        text, entities = get_str(message, "caption"), "caption_entities"
    body = from_entities(text, get_dicts(message, entities))
    attachments = tuple(filter(None, [_image(message)]))
    lost_its_caption = get_int(message, "edit_date") and CAPTIONED & message.keys()
    if not (body or attachments or lost_its_caption):
        return Ignored(delivery_id, "The message has no text or image.")
    # No reply_to: a reply is a message of the chat like any other.
    return Upsert(
        delivery_id=delivery_id,
        external_id=external_id,
        message_id=get_id(message, "message_id"),
        version=_version(delivery_id, message),
        sent_at=datetime.fromtimestamp(_sent(message), UTC),
        author=author_of(message),
        body=body,
        attachments=attachments,
        group_id=get_id(message, "media_group_id"),
    )


def _sent(message: dict) -> int:
    date = get_int(message, "date")
    return date if 0 < date <= YEAR_9999 else 0


def _version(delivery_id: str, message: dict) -> tuple[int, int]:
    """Return the time in seconds, and the update's number for edits in one second."""
    changed = get_int(message, "edit_date") or _sent(message)
    is_number = delivery_id.isascii() and delivery_id.isdigit()
    return changed, int(delivery_id) if is_number else 0


def _image(message: dict) -> Attachment | None:
    """Return the largest size of a photo, or an image that was sent as a file."""
    sizes = get_dicts(message, "photo")
    document = get_dict(message, "document")
    if get_str(document, "mime_type").startswith("image/"):
        sizes.append(document)
    chosen = max(
        sizes,
        key=lambda size: get_int(size, "width") * get_int(size, "height"),
        default={},
    )
    if not get_str(chosen, "file_id"):
        return None
    return Attachment(
        id=get_str(chosen, "file_unique_id") or get_str(chosen, "file_id"),
        url=get_str(chosen, "file_id"),
        name=get_str(chosen, "file_name"),
        mime_type=get_str(chosen, "mime_type") or "image/jpeg",
        size=get_int(chosen, "file_size"),
    )
