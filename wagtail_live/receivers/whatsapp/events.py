"""The events in a webhook of WhatsApp's Cloud API.

A delivery may hold several changes, of several numbers. A message is sent by a person to
the number, or in a group to the group. Edits and deletions by people arrive as messages of
the types ``edit`` and ``revoke``, which name the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from ..base import (
    Author,
    Delete,
    Event,
    Hide,
    Ignored,
    Upsert,
    get_dict,
    get_dicts,
    get_id,
    get_str,
)
from .content import read_content
from .text import Names

SECONDS = re.compile(r"[0-9]{1,11}")
SERVICE_TYPES = {"reaction", "request_welcome", "system"}
WITHDRAWALS = {"/delete": Delete, "/hide": Hide}
IS_EDITED = 1  # in versions: after the message that was sent in the same second


def read_payload(payload: dict) -> Iterator[Event]:
    """Yield the events of a delivery."""
    found = False
    for entry in get_dicts(payload, "entry"):
        for change in get_dicts(entry, "changes"):
            value = get_dict(change, "value")
            for message in get_dicts(value, "messages"):
                found = True
                yield read_message(message, value)
    if not found:  # such as the status of a message that the number has sent
        yield Ignored("", "The delivery has no messages.")


def read_message(message: dict, value: dict) -> Event:
    """Return the event of one message."""
    delivery_id = get_str(message, "id")
    number = get_id(get_dict(value, "metadata"), "phone_number_id")
    external_id = get_str(message, "group_id") or number
    seconds = _seconds(message)
    if not (delivery_id and external_id and seconds):
        return Ignored(delivery_id, "The message has no id, number or time.")
    kind = get_str(message, "type")
    if kind in SERVICE_TYPES:
        return Ignored(delivery_id, f"Messages of the type {kind!r} are not shown.")
    about = {
        "delivery_id": delivery_id,
        "external_id": external_id,
        "author": read_author(message, value),
    }
    names = read_names(value)
    original = get_dict(message, kind) if kind in ("edit", "revoke") else {}
    original_id = get_str(original, "original_message_id")
    if kind == "revoke" and original_id:
        return Delete(**about, message_id=original_id, version=(seconds, 0))
    if kind == "edit" and original_id:
        return _upsert(
            get_dict(original, "message"),
            names,
            message_id=original_id,
            version=(seconds, IS_EDITED),
            **about,
        )
    if (command := _read_command(message)) is not None:
        return command(**about, version=(seconds, 0))
    return _upsert(
        message,
        names,
        message_id=delivery_id,
        version=(seconds, 0),
        sent_at=datetime.fromtimestamp(seconds, UTC),
        **about,
    )


def read_author(message: dict, value: dict) -> Author:
    """Return the sender, by the phone number, or by the id that hides it."""
    sender = get_id(message, "from") or get_str(message, "from_user_id")
    return Author(sender, read_names(value).get(sender, ""))


def read_names(value: dict) -> Names:
    """Return the names of people by their phone numbers and user IDs."""
    return {
        id: get_str(get_dict(contact, "profile"), "name")
        for contact in get_dicts(value, "contacts")
        for id in (get_id(contact, "wa_id"), get_str(contact, "user_id"))
        if id
    }


def _read_command(message: dict):
    """Return the constructor of the event if the message is a command in a reply."""
    replied = get_str(get_dict(message, "context"), "id")
    command = WITHDRAWALS.get(get_str(get_dict(message, "text"), "body").strip())
    return partial(command, message_id=replied) if command and replied else None


def _upsert(message: dict, names: Names, **about) -> Event:
    content = read_content(message, names)
    if not content or not get_str(message, "type"):
        return Ignored(about["delivery_id"], "The message has no text or image.")
    return Upsert(**about, **content.as_fields())


def _seconds(message: dict) -> int:
    seconds = get_id(message, "timestamp")
    is_valid = SECONDS.fullmatch(seconds) and int(seconds) < 253_402_300_800
    return int(seconds) if is_valid else 0
