"""The only writer of posts; each function takes the lock of the channel.

A post is given as a ``LivePost`` or as the message it came from: ``Message(source,
message_id)``. One that is not in the channel raises ``LivePost.DoesNotExist``.

``actor`` makes the change: a user, an API token, or ``permissions.SYSTEM``, which may do
everything. Its rights on the page are checked under the lock; ``PermissionDenied`` if they
are not sufficient. The history of the post names its ``user``.

``expected`` is the ``updated_at`` of the post that the caller has read: if the post has
changed since, ``Conflict`` is raised, and nothing is written.
"""

from .channel import pin, set_state, summarise
from .deletion import delete, purge_tombstones, restore, snapshot
from .lock import Conflict, Message, Withdrawn
from .schedule import publish_due
from .writer import UNCHANGED, edit, hide, publish, revert, show

__all__ = [
    "UNCHANGED",
    "Conflict",
    "Message",
    "Withdrawn",
    "delete",
    "edit",
    "hide",
    "pin",
    "publish",
    "publish_due",
    "purge_tombstones",
    "restore",
    "revert",
    "set_state",
    "show",
    "snapshot",
    "summarise",
]
