"""The API view of the updates of a channel since a cursor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework.exceptions import ValidationError

from .. import cursors
from ..models import Channel
from ..page.updates import changes_since, is_history_complete, prefetch_blocks
from .base import ApiView, find_for_reading
from .openapi import operation
from .serializers import UpdatesSerializer, get_context

MAX_CHANGES = 200


class UpdatesView(ApiView):
    @operation(
        "Read what has changed, oldest first",
        UpdatesSerializer,
        parameters=("since",),
        is_public=True,
    )
    def get(self, request, channel_id: str):
        access = find_for_reading(request, channel_id)
        channel = access.channel
        try:
            since = cursors.parse(request.query_params.getlist("since"), "since")
        except cursors.InvalidCursor as error:
            raise ValidationError({"since": [str(error)]}) from None
        context = get_context(channel, request._request)
        data = {
            **get_updates(channel, since),
            "channel": channel,
            "cursor": channel.last_updated_at,
        }
        return self.respond(access, UpdatesSerializer(data, context=context).data)


def get_updates(channel: Channel, since: datetime) -> dict[str, Any]:
    """Return the posts and removals, or a reset if they are not complete or too many."""
    if is_history_complete(channel, since):
        changes = changes_since(channel, since, limit=MAX_CHANGES + 1)
        removals = [post_id for _, post_id in changes.removals]
        if len(changes.posts) + len(removals) <= MAX_CHANGES:
            prefetch_blocks(changes.posts)
            return {"reset": False, "posts": changes.posts, "removals": removals}
    return {"reset": True, "posts": [], "removals": []}
