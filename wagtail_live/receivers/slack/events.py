"""Events of Slack.

The envelope is described at docs.slack.dev/apis/events-api, the kinds of messages at
docs.slack.dev/reference/events/message.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from ..base import (
    Author,
    Delete,
    DeleteFiles,
    Event,
    Ignored,
    Move,
    Upsert,
    get_dict,
    get_str,
)
from ..content import Content
from .content import read_content
from .files import file_ids, find_deleted_files
from .mrkdwn import from_mrkdwn, read_labels
from .text import Names

TIMESTAMP = re.compile(r"([0-9]{1,11})\.([0-9]{1,6})")
SHOWN_SUBTYPES = {"", "bot_message", "file_share", "me_message", "thread_broadcast"}
# Written by Slack itself, or a repetition of another message. A new subtype is a surprise
# that editors learn of.
SERVICE_SUBTYPES = {
    *("app_conversation_join", "assistant_app_thread", "document_mention"),
    *("huddle_thread", "joiner_notification", "joiner_notification_for_inviter"),
    *("message_replied", "pinned_item", "unpinned_item"),
    *("reminder_add", "reminder_delete"),
    *("reply_broadcast", "sh_room_created", "sh_room_shared", "slackbot_response"),
    *("tombstone",),
}
SERVICE_PREFIXES = ("bot_add", "bot_disable", "bot_enable", "bot_remove")
SERVICE_PREFIXES += ("channel_", "group_", "mpim_")

Version = tuple[int, ...]


def read_envelope(envelope: dict, names: Names, app_id: str = "") -> Event:
    """Return the event in a delivery. Messages of this app itself, whose id is ``app_id``
    or that of the envelope, are ignored."""
    delivery_id = get_str(envelope, "event_id")
    event = get_dict(envelope, "event")
    if envelope.get("type") != "event_callback" or event.get("type") != "message":
        return _read_other(delivery_id, envelope, event)
    external_id, happened = get_str(event, "channel"), read_version(event, "event_ts")
    if not external_id or not happened:
        return Ignored(delivery_id, "The message has no channel or time.")
    message, version = event, None
    if event.get("subtype") == "message_changed":
        message, previous = (
            get_dict(event, "message"),
            get_dict(event, "previous_message"),
        )
        version = _version(message, previous, happened)
    if message.get("subtype") in ("message_deleted", "tombstone"):
        key = "ts" if message["subtype"] == "tombstone" else "deleted_ts"
        return _deletion(delivery_id, external_id, get_str(message, key), happened)
    if message is not event and not _is_changed(message, previous):
        reason = "The message changed without an edit, such as by a link preview."
        return Ignored(delivery_id, reason)
    own_app = app_id or get_str(envelope, "api_app_id")
    apps = message, get_dict(message, "bot_profile")
    if own_app and own_app in [get_str(app, "app_id") for app in apps]:
        return Ignored(delivery_id, "The message is from this app.")
    return _upsert(delivery_id, external_id, message, names, version)


def _read_other(delivery_id: str, envelope: dict, event: dict) -> Event:
    kind = get_str(event, "type") or get_str(envelope, "type")
    if kind == "channel_id_changed":  # when it is shared with another workspace
        old, new = "old_channel_id", "new_channel_id"
        return Move(delivery_id, get_str(event, old), get_str(event, new))
    return Ignored(delivery_id, f"Events of the type {kind[:50]!r} are not shown.")


def read_deleted_files(envelope: dict) -> DeleteFiles | None:
    """Return the files that a delivery reports as deleted."""
    event = get_dict(envelope, "event")
    may_delete = {"attachments", "file", "file_id", "files", "message"} & event.keys()
    ids = find_deleted_files(event) if may_delete else ()
    return DeleteFiles(get_str(envelope, "event_id"), ids) if ids else None


def _is_changed(message: dict, previous: dict) -> bool:
    """Return whether readers may see a change. Files and the texts of apps also change
    without an edit."""
    if not previous:
        return bool(get_dict(message, "edited") or file_ids(message))
    if get_dict(message, "edited") != get_dict(previous, "edited"):
        return True
    is_same_text = get_str(message, "text") == get_str(previous, "text")
    return not (is_same_text and file_ids(message) <= file_ids(previous))


def _version(message: dict, previous: dict, happened: Version) -> Version | None:
    """Return the version after a change: the time of the edit, and for a later change
    without an edit its own time, too."""
    edited = read_version(get_dict(message, "edited"), "ts")
    if edited and edited != read_version(get_dict(previous, "edited"), "ts"):
        return edited
    version = edited or read_version(message, "ts")
    return (*version, *happened) if version else None


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


def _upsert(
    delivery_id: str,
    external_id: str,
    message: dict,
    names: Names,
    version: Version | None,
) -> Event:
    subtype, sent = get_str(message, "subtype"), read_version(message, "ts")
    if subtype in SERVICE_SUBTYPES or subtype.startswith(SERVICE_PREFIXES):
        return Ignored(
            delivery_id, f"Messages of the type {subtype[:50]!r} are not shown."
        )
    if not sent:
        return Ignored(delivery_id, "The message has no timestamp.")
    edited = read_version(get_dict(message, "edited"), "ts")
    fields = _read_fields(subtype, message, names)
    if not (any(fields.values()) or edited or version):
        return Ignored(delivery_id, "The message has no text or image.")
    return Upsert(
        delivery_id=delivery_id,
        external_id=external_id,
        message_id=get_str(message, "ts"),
        version=version or edited or sent,
        sent_at=datetime.fromtimestamp(sent[0], UTC).replace(microsecond=sent[1]),
        author=_author(message, names),
        reply_to=_thread(message),
        **fields,
    )


def _read_fields(subtype: str, message: dict, names: Names) -> dict[str, Any]:
    """Return the arguments of ``Upsert`` for the content of a message."""
    if subtype not in SHOWN_SUBTYPES:
        content = Content()
        content.omit(_("message of an unknown kind"), subtype)
        return content.as_fields()
    text, parts = get_str(message, "text"), {"attachments", "blocks", "files"}
    if parts & message.keys() or "slack" in text:
        return read_content(message, names).as_fields()
    return {"body": from_mrkdwn(text, {**read_labels(text), **names})}


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
