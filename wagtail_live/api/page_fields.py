"""The fields of a live page in ``wagtail.api.v2``.

Set ``api_fields = [*LIVE_PAGE_FIELDS, …]`` in the page type.
"""

from __future__ import annotations

from typing import Any

from rest_framework.fields import CharField, Field
from wagtail.api import APIField

from ..models import ChannelState, LivePostQuerySet
from .serializers import describe_posts

MAX_POSTS = 20


class LivePostsField(Field):
    """The newest posts that readers see, in the form of the package's own API."""

    def to_representation(self, value: LivePostQuerySet) -> list[dict[str, Any]]:
        return describe_posts(value[:MAX_POSTS])


LIVE_PAGE_FIELDS = [
    APIField(
        "channel_id",
        serializer=CharField(source="find_channel.channel_id", allow_null=True),
    ),
    APIField(
        "live_state",
        serializer=CharField(
            source="find_channel.state", default=ChannelState.NOT_STARTED
        ),
    ),
    APIField("last_update_timestamp"),
    APIField("live_posts", serializer=LivePostsField()),
]
