"""Live pages, their channels and the posts in them. Only ``posts`` writes posts."""

from .channel import (
    CHANNEL_ID_LENGTH,
    Channel,
    ChannelManager,
    ChannelState,
)
from .page import LivePage, LivePageMixin
from .post import LivePost, LivePostQuerySet, PostStatus
from .presence import DeskPresence
from .search import SearchablePost
from .tombstone import Tombstone

__all__ = [
    "CHANNEL_ID_LENGTH",
    "Channel",
    "ChannelManager",
    "ChannelState",
    "DeskPresence",
    "LivePage",
    "LivePageMixin",
    "LivePost",
    "LivePostQuerySet",
    "PostStatus",
    "SearchablePost",
    "Tombstone",
]
