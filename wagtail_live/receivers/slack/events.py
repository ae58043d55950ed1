"""Events of Slack.

The envelope is described at docs.slack.dev/apis/events-api, the kinds of messages at
docs.slack.dev/reference/events/message.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ..base import (
    Attachment,
    Author,
    Delete,
    Event,
    Ignored,
    Upsert,
    get_dict,
    get_dicts,
    get_int,
    get_str,
)
from .text import Names, from_mrkdwn, from_rich_text, read_labels

TIMESTAMP = re.compile(r"([0-9]{1,11})\.([0-9]{1,6})")
SHOWN_SUBTYPES = {"", "bot_message", "file_share", "me_message", "thread_broadcast"}

Version = tuple[int, int]


def read_envelope(envelope: dict, names: Names, app_id: str = "") -> Event:
    """Return the event in a delivery. Messages of this app itself, whose id is ``app_id``
    or that of the envelope, are ignored."""
    delivery_id = get_str(envelope, "event_id")
    event = get_dict(envelope, "event")
    if envelope.get("type") != "event_callback" or event.get("type") != "message":
        kind = get_str(event, "type") or get_str(envelope, "type")
        return Ignored(delivery_id, f"Events of the type {kind[:50]!r} are not shown.")
    external_id, happened = get_str(event, "channel"), read_version(event, "event_ts")
    if not external_id or not happened:
        return Ignored(delivery_id, "The message has no channel or time.")
    match get_str(event, "subtype"):
        case "message_deleted":
            return _deletion(
                delivery_id, external_id, get_str(event, "deleted_ts"), happened
            )
        case "message_changed":
            message = get_dict(event, "message")
            if message.get("subtype") == "tombstone":
                return _deletion(
                    delivery_id, external_id, get_str(message, "ts"), happened
                )
            if not get_dict(message, "edited"):
                return Ignored(
                    delivery_id,
                    "The message changed without an edit, such as by a link preview.",
                )
        case _:
            message = event
    own_app = app_id or get_str(envelope, "api_app_id")
    apps = message, get_dict(message, "bot_profile")
    if own_app and own_app in [get_str(app, "app_id") for app in apps]:
        return Ignored(delivery_id, "The message is from this app.")
    return _upsert(delivery_id, external_id, message, names)


def read_version(message: dict, key: str) -> Version | None:
    """Return the seconds and microseconds of a timestamp, by which events are ordered."""
    match = TIMESTAMP.fullmatch(get_str(message, key))
    return (int(match[1]), int(match[2].ljust(6, "0"))) if match else None


def _deletion(
    delivery_id: str, external_id: str, message_id: str, version: Version
) -> Event:
    if not TIMESTAMP.fullmatch(message_id):
        return Ignored(delivery_id, "The deleted message has no timestamp.")
    return Delete(delivery_id, external_id, message_id, version)


def _upsert(delivery_id: str, external_id: str, message: dict, names: Names) -> Event:
    subtype, sent = get_str(message, "subtype"), read_version(message, "ts")
    if subtype not in SHOWN_SUBTYPES:
        return Ignored(
            delivery_id, f"Messages of the type {subtype[:50]!r} are not shown."
        )
    if not sent:
        return Ignored(delivery_id, "The message has no timestamp.")
    edited = read_version(get_dict(message, "edited"), "ts")
    text, files = get_str(message, "text"), get_dicts(message, "files")
    # ``rich_text`` has more than ``mrkdwn``, except for some names.
    known = {**read_labels(text), **names}
    body = from_rich_text(get_dicts(message, "blocks"), known)
    body = body or from_mrkdwn(text, known)
    attachments = tuple(_attachment(file) for file in files if _is_image(file))
    if not (body or attachments or edited):
        return Ignored(delivery_id, "The message has no text or image.")
    return Upsert(
        delivery_id=delivery_id,
        external_id=external_id,
        message_id=get_str(message, "ts"),
        version=edited or sent,
        sent_at=datetime.fromtimestamp(sent[0], UTC).replace(microsecond=sent[1]),
        author=_author(message, names),
        body=body,
        attachments=attachments,
        reply_to=_thread(message),
    )


def _thread(message: dict) -> str:
    """Return the message that started the thread. A reply that was also sent to the
    channel stands on its own."""
    thread = get_str(message, "thread_ts")
    stands_alone = get_str(message, "subtype") == "thread_broadcast"
    return "" if stands_alone or thread == get_str(message, "ts") else thread


def _author(message: dict, names: Names) -> Author:
    bot_id, user_id = get_str(message, "bot_id"), get_str(message, "user")
    profile, bot = get_dict(message, "user_profile"), get_dict(message, "bot_profile")
    own_names = (
        get_str(message, "username"),
        get_str(profile, "display_name"),
        get_str(profile, "real_name"),
        get_str(bot, "name"),
    )
    name = names.get(user_id) or next(filter(None, own_names), "")
    is_bot = bool(bot_id) or get_str(message, "subtype") == "bot_message"
    return Author(id=user_id or bot_id, name=name, is_bot=is_bot)


def _is_image(file: dict) -> bool:
    """Return ``True`` for images that are stored by Slack and not deleted, and for files
    of other workspaces, of which only the id is known."""
    if not get_str(file, "id") or file.get("is_external"):
        return False
    if get_str(file, "mode") == "tombstone":
        return False
    is_unknown = get_str(file, "file_access") == "check_file_info"
    return is_unknown or get_str(file, "mimetype").startswith("image/")


def _attachment(file: dict) -> Attachment:
    return Attachment(
        id=get_str(file, "id"),
        url=get_str(file, "url_private"),
        name=get_str(file, "name"),
        mime_type=get_str(file, "mimetype"),
        alt=get_str(file, "alt_txt"),
        size=get_int(file, "size"),
    )
