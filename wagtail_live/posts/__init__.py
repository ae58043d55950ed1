"""The only writer of posts; each function takes the lock of the channel.

A post is given as a ``LivePost`` or as the message it came from: ``Message(source,
message_id)``. One that is not in the channel raises ``LivePost.DoesNotExist``.

``actor`` makes the change: a user, an API token, or ``permissions.SYSTEM``, which may do
everything. Its rights on the page are checked under the lock; ``PermissionDenied`` if they
are not sufficient. The history of the post names its ``user``.

``expected`` is the ``updated_at`` of the post that the caller has read, or ``AS_CREATED``
for a post that the caller has created: if the post has changed since, and the change would
make a difference, ``Conflict`` is raised, and nothing is written. A change that was made
already, as by a retry, is no change.
"""

from .channel import end_due, end_soon, pin, set_state, summarise
from .deletion import delete, purge_tombstones, restore, snapshot
from .lock import AS_CREATED, Conflict, Message, Withdrawn
from .schedule import publish_due
from .stage import send_stage_if_changed, touch_stage, update_stage
from .writer import (
    UNCHANGED,
    InvalidTime,
    check_time,
    edit,
    hide,
    publish,
    revert,
    show,
)

__all__ = [
    "AS_CREATED",
    "UNCHANGED",
    "Conflict",
    "InvalidTime",
    "Message",
    "Withdrawn",
    "check_time",
    "delete",
    "edit",
    "end_due",
    "end_soon",
    "hide",
    "pin",
    "publish",
    "publish_due",
    "purge_tombstones",
    "restore",
    "revert",
    "send_stage_if_changed",
    "set_state",
    "show",
    "snapshot",
    "summarise",
    "touch_stage",
    "update_stage",
]
