"""The messages that one post is made of."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.functional import cached_property

from ..models import LivePost, ReceivedMessage


class Family:
    """A message, or all of its album, with the replies in their threads.

    Read under the lock of the channel, as the rows are then.
    """

    def __init__(self, row: ReceivedMessage):
        self.row = row
        self.channel = row.channel
        self._rows = ReceivedMessage.objects.filter(
            receiver=row.receiver, external_id=row.external_id, channel=row.channel
        )

    @cached_property
    def heads(self) -> list[ReceivedMessage]:
        """The messages that are no replies, known and not deleted, in their order."""
        head = self._head
        if head is None:
            return []
        if not head.group_id:
            is_known = head.version is not None and not head.is_deleted
            return [head] if is_known else []
        return self._sorted(self._rows.filter(group_id=head.group_id, reply_to=""))

    @cached_property
    def members(self) -> list[ReceivedMessage]:
        """The messages in their order; none where only replies are left."""
        if not self.heads:
            return []
        ids = [head.message_id for head in self.heads]
        return self.heads + self._sorted(self._rows.filter(reply_to__in=ids))

    @cached_property
    def post_id(self):
        """The id of the post that the messages were given, also if it is gone since."""
        return next((head.post_id for head in self.heads if head.post_id), None)

    @cached_property
    def post(self) -> LivePost | None:
        return self.channel.posts.filter(pk=self.post_id).first()

    @property
    def fingerprint(self) -> str:
        """Of the post as it was written last from its messages."""
        return next((head.fingerprint for head in self.heads if head.fingerprint), "")

    @property
    def root_is_deleted(self) -> bool:
        """Whether the message is a reply to one that was deleted."""
        return self._head is not None and self._head.is_deleted

    @property
    def album_is_withdrawn(self) -> bool:
        """Whether the message belongs to an album that was deleted as a whole."""
        album = self._rows.filter(group_id=self.row.group_id, withdraws_group=True)
        return bool(self.row.group_id) and album.exists()

    @property
    def withdrawn_with_row(self) -> list[ReceivedMessage]:
        """The other messages of an album that goes as a whole."""
        if not (self.row.withdraws_group and self.row.group_id):
            return []
        return [head for head in self.heads if head.pk != self.row.pk]

    @property
    def replies(self) -> QuerySet[ReceivedMessage]:
        """What is known of the replies to the message."""
        return self._rows.filter(reply_to=self.row.message_id)

    @property
    def is_hidden(self) -> bool:
        """Whether somebody has asked to hide the post."""
        return any(member.hidden_version for member in self.members)

    @cached_property
    def _head(self) -> ReceivedMessage | None:
        if not self.row.reply_to:
            return self.row
        return self._rows.filter(message_id=self.row.reply_to).first()

    def _sorted(self, rows) -> list[ReceivedMessage]:
        alive = rows.filter(is_deleted=False, version__isnull=False)
        return sorted(alive, key=lambda row: row.sort_key)
