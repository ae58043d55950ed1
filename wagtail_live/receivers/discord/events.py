"""Events of Discord (docs.discord.com/developers/events/gateway-events#messages)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from ..base import (
    Author,
    Delete,
    Event,
    Ignored,
    Upsert,
    get_dict,
    get_int,
    get_str,
)
from ..content import Content
from .content import has_files, name_of, read_content

# docs.discord.com/developers/resources/message#message-object-message-types. A response
# of a bot to a command may arrive empty, and get its content without an edit.
RESPONSE_TYPES = {20, 23}
SHOWN_TYPES = {0, 19} | RESPONSE_TYPES
# Written by Discord itself, such as joins, boosts and pins. A new type is a surprise that
# editors learn of.
SERVICE_TYPES = set(range(1, 47)) - SHOWN_TYPES
EPOCH_OF_IDS = datetime(2015, 1, 1, tzinfo=UTC)
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A deletion has no time, and no event follows it.
LAST_VERSION = (2**62,)


def read_event(payload: dict) -> Iterator[Event]:
    """Yield the events of a payload: one in most cases, many for a bulk deletion."""
    message = get_dict(payload, "d")
    match payload.get("t"):
        case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
            yield _upsert(message, is_edit=payload["t"] == "MESSAGE_UPDATE")
        case "MESSAGE_DELETE":
            yield _deletion(message, get_str(message, "id"))
        case "MESSAGE_DELETE_BULK":
            ids = message.get("ids")
            for id in ids if isinstance(ids, list) else []:
                yield _deletion(message, id if isinstance(id, str) else "")
        case _:
            kind = get_str(payload, "t")[:50]
            yield Ignored("", f"Events of the type {kind!r} are not shown.")


def _deletion(message: dict, id: str) -> Event:
    external_id = get_str(message, "channel_id")
    if not external_id or not _sent(id):
        return Ignored("", "The deletion has no channel or message.")
    return Delete(f"{id}:deleted", external_id, id, LAST_VERSION)


def _upsert(message: dict, *, is_edit: bool) -> Event:
    message = {key: value for key, value in message.items() if value is not None}
    id, external_id = get_str(message, "id"), get_str(message, "channel_id")
    sent, edited = _sent(id), _time(get_str(message, "edited_timestamp"))
    if not external_id or not sent:
        return Ignored("", "The message has no channel or id.")
    kind = get_int(message, "type")
    if is_edit and not edited and kind not in RESPONSE_TYPES:
        return Ignored(
            id, "The message changed without an edit, such as by a link preview."
        )
    if kind in SERVICE_TYPES:
        return Ignored(id, f"Messages of the type {kind} are not shown.")
    is_edited = is_edit and edited is not None
    author = _author(message)
    content = Content()
    if kind in SHOWN_TYPES:
        content = read_content(message, is_bot=author.is_bot, is_edit=is_edited)
    if not (content or edited):
        if author.is_bot:
            return Ignored(id, "The message has no text or image.")
        content.omit(_("message of an unknown kind"))
    fields = content.as_fields()
    if is_edited and not has_files(message, is_bot=author.is_bot):
        fields |= {"attachments": None, "omitted": None}
    version = (edited or sent) - UNIX_EPOCH
    # No reply_to: a reply is a message of the channel like any other.
    return Upsert(
        delivery_id=f"{id}:{version // timedelta(microseconds=1)}",
        external_id=external_id,
        message_id=id,
        version=(version // timedelta(microseconds=1),),
        sent_at=sent,
        author=author if "author" in message or not is_edited else None,
        **fields,
    )


def is_id(id: str) -> bool:
    return id.isascii() and id.isdigit() and len(id) <= 20


def id_at(moment: datetime) -> int:
    """Return a number below the ids of all messages written from then on."""
    return (moment - EPOCH_OF_IDS) // timedelta(milliseconds=1) << 22


def _sent(id: str) -> datetime | None:
    """Return the time in an id (docs.discord.com/developers/reference#snowflakes)."""
    if not is_id(id):
        return None
    return EPOCH_OF_IDS + timedelta(milliseconds=int(id) >> 22)


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _author(message: dict) -> Author:
    person, member = get_dict(message, "author"), get_dict(message, "member")
    is_bot = person.get("bot") is True or bool(get_str(message, "webhook_id"))
    return Author(
        get_str(person, "id"), get_str(member, "nick") or name_of(person), is_bot
    )
