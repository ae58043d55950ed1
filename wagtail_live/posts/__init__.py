"""The only writer of posts, each of whose functions takes its turn on the channel.

A post is given as a ``LivePost`` or as the message it came from: ``Message(source,
message_id)``. One that is not in the channel raises ``LivePost.DoesNotExist``.

``user`` is who makes the change, for the history of the post: ``PermissionDenied`` where
the rights on the page are not enough. ``None`` is a machine, which is trusted.
``expected`` is the ``updated_at`` of the post that the writer has read: where the post has
changed since, ``Conflict`` is raised, and nothing is written.
"""

from .change import UNCHANGED
from .deletion import delete, purge_tombstones, restore, snapshot
from .lookup import Conflict, Message, Withdrawn
from .schedule import publish_due
from .writer import edit, hide, publish, revert, show

__all__ = [
    "UNCHANGED",
    "Conflict",
    "Message",
    "Withdrawn",
    "delete",
    "edit",
    "hide",
    "publish",
    "publish_due",
    "purge_tombstones",
    "restore",
    "revert",
    "show",
    "snapshot",
]
