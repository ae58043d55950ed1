"""The publisher for readers who keep a WebSocket open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from ..delivery.responses import refuse, to_django
from .base import BasePublisher

NEEDS_MIDDLEWARE = refuse(
    426, "WebSockets need wagtail_live.asgi.LiveUpdatesMiddleware."
)


class WebSocketPublisher(BasePublisher):
    """A WebSocket on which each text frame is the lean form of the wire format.

    ``wagtail_live.asgi.LiveUpdatesMiddleware`` serves it, for public pages. This view
    refuses all other requests, so that the client polls.
    """

    url_path = "socket/<str:channel_id>/"
    url_name = "websocket"

    async def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        response = to_django(NEEDS_MIDDLEWARE)
        response["Upgrade"] = "websocket"
        return response
