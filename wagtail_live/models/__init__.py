"""Live pages, their channels and the posts in them. Only ``posts`` writes posts."""

from .channel import (
    CHANNEL_ID_LENGTH,
    Channel,
    ChannelDeleted,
    ChannelManager,
    ChannelState,
    EngineChannel,
    Tombstone,
    get_page_model,
)
from .page import LivePage, LivePageMixin, get_live_page
from .post import (
    AUTHOR_FIELDS,
    MAX_AUTHORS,
    MAX_CORRECTION,
    LivePost,
    LivePostQuerySet,
    PostAuthor,
    PostStatus,
    prefetch_authors,
)
from .presence import DeskPresence, ReviewNotice, ReviewOutcome
from .search import SearchablePost
from .source import (
    ID_LENGTH,
    DeletedFile,
    FailedDelivery,
    Policy,
    ReceivedImage,
    ReceivedMessage,
    Source,
    SourceAuthor,
    ThreadReplies,
    UnconnectedSource,
)

__all__ = [
    "AUTHOR_FIELDS",
    "CHANNEL_ID_LENGTH",
    "ID_LENGTH",
    "MAX_AUTHORS",
    "MAX_CORRECTION",
    "Channel",
    "ChannelDeleted",
    "ChannelManager",
    "ChannelState",
    "DeletedFile",
    "DeskPresence",
    "EngineChannel",
    "FailedDelivery",
    "LivePage",
    "LivePageMixin",
    "LivePost",
    "LivePostQuerySet",
    "Policy",
    "PostAuthor",
    "PostStatus",
    "ReceivedImage",
    "ReceivedMessage",
    "ReviewNotice",
    "ReviewOutcome",
    "SearchablePost",
    "Source",
    "SourceAuthor",
    "ThreadReplies",
    "Tombstone",
    "UnconnectedSource",
    "get_live_page",
    "get_page_model",
    "prefetch_authors",
]
