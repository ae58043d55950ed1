"""Updates of Telegram (core.telegram.org/bots/api#update)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from django.utils.translation import gettext as _

from ..base import (
    Author,
    Delete,
    Event,
    Hide,
    Ignored,
    Move,
    Upsert,
    get_dict,
    get_dicts,
    get_id,
    get_int,
    get_str,
)
from ..content import Content
from .content import read_content

MESSAGES = ("message", "edited_message", "channel_post", "edited_channel_post")
WITHDRAWALS = {"/delete": partial(Delete, whole_group=True), "/hide": Hide}
# Buttons of Telegram's apps write these. ``/id`` is answered by the receiver.
FOR_BOTS = {"/start", "/help", "/settings", "/id"}
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
    if move := _read_move(delivery_id, external_id, message):
        return move
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


def _read_move(delivery_id: str, external_id: str, message: dict) -> Move | None:
    """Return the move of a group that became a supergroup, which both chats report."""
    if new_id := get_id(message, "migrate_to_chat_id"):
        return Move(delivery_id, external_id, new_id)
    if old_id := get_id(message, "migrate_from_chat_id"):
        return Move(delivery_id, old_id, external_id)
    return None


def _command(delivery_id: str, external_id: str, message: dict, command: str) -> Event:
    replied = get_dict(message, "reply_to_message")
    message_id = get_id(replied, "message_id")
    if command in WITHDRAWALS and message_id:
        return WITHDRAWALS[command](
            delivery_id=delivery_id,
            # A supergroup shows the messages of the group it was, which are another chat's.
            external_id=get_id(get_dict(replied, "chat"), "id") or external_id,
            message_id=message_id,
            version=_version(delivery_id, message),
            author=author_of(message),
        )
    words = get_str(message, "text").split()
    is_alone = len(words) == 1
    if is_alone and command in FOR_BOTS:
        return Ignored(delivery_id, f"The command {command[:50]!r} is ignored.")
    if not is_alone and command not in WITHDRAWALS and "@" not in words[0]:
        return _upsert(delivery_id, external_id, message)
    content = Content()
    content.omit(_("command"), " ".join(words))
    upsert = _message(delivery_id, external_id, message, content)
    return replace(upsert, command=" ".join(words))  # it may be a preset's


def _upsert(delivery_id: str, external_id: str, message: dict) -> Event:
    content = read_content(message)
    if not content and not get_int(message, "edit_date"):
        return Ignored(delivery_id, "The message has no text or image.")
    return _message(delivery_id, external_id, message, content)


def _message(
    delivery_id: str, external_id: str, message: dict, content: Content
) -> Upsert:
    # No reply_to: a reply is a message of the chat like any other.
    return Upsert(
        delivery_id=delivery_id,
        external_id=external_id,
        message_id=get_id(message, "message_id"),
        version=_version(delivery_id, message),
        sent_at=datetime.fromtimestamp(_sent(message), UTC),
        author=author_of(message),
        group_id=get_id(message, "media_group_id"),
        **content.as_fields(),
    )


def _sent(message: dict) -> int:
    date = get_int(message, "date")
    return date if 0 < date <= YEAR_9999 else 0


def _version(delivery_id: str, message: dict) -> tuple[int, int]:
    """Return the time in seconds, and the update's number for edits in one second."""
    changed = get_int(message, "edit_date") or _sent(message)
    is_number = delivery_id.isascii() and delivery_id.isdigit()
    return changed, int(delivery_id) if is_number else 0
