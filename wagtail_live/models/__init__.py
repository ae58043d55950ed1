"""Live pages, their channels and the posts in them. Only ``posts`` writes posts."""

from .channel import (
    CHANNEL_ID_LENGTH,
    Channel,
    ChannelDeleted,
    ChannelManager,
    ChannelState,
)
from .page import LivePage, LivePageMixin
from .post import LivePost, LivePostQuerySet, PostStatus
from .presence import DeskPresence
from .received import ReceivedMessage, ReceivedPicture
from .search import SearchablePost
from .source import (
    ID_LENGTH,
    FailedDelivery,
    Policy,
    Source,
    SourceAuthor,
    ThreadReplies,
    UnconnectedSource,
)
from .token import ApiToken, IdempotencyKey
from .tombstone import Tombstone
from .webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "CHANNEL_ID_LENGTH",
    "ID_LENGTH",
    "ApiToken",
    "Channel",
    "ChannelDeleted",
    "ChannelManager",
    "ChannelState",
    "DeskPresence",
    "FailedDelivery",
    "IdempotencyKey",
    "LivePage",
    "LivePageMixin",
    "LivePost",
    "LivePostQuerySet",
    "Policy",
    "PostStatus",
    "ReceivedMessage",
    "ReceivedPicture",
    "SearchablePost",
    "Source",
    "SourceAuthor",
    "ThreadReplies",
    "Tombstone",
    "UnconnectedSource",
    "WebhookDelivery",
    "WebhookEndpoint",
]
