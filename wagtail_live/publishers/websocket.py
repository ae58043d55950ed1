"""Readers who keep a WebSocket open."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from ..delivery.history import Form
from ..delivery.hub import ChannelGone, get_hub
from ..delivery.responses import refusal
from .base import BasePublisher

HEARTBEAT_INTERVAL = 15.0  # seconds
LONGEST_LIFE = 300.0  # seconds, give or take a fifth: sockets move to new processes

CLOSE_END_OF_LIFE = 1001
CLOSE_RESTART = 1012
CLOSE_NO_PLACE = 1013
CLOSE_BAD_REQUEST = 4400
CLOSE_GONE = 4404

NEEDS_MIDDLEWARE = "WebSockets need wagtail_live.asgi.LiveUpdatesMiddleware."


class WebSocketPublisher(BasePublisher):
    """A WebSocket on which each text frame is the lean form of the wire format.

    Served by ``wagtail_live.asgi.LiveUpdatesMiddleware``, for public pages; this view
    tells everybody else to come in another way.
    """

    url_path = "socket/<str:channel_id>/"
    url_name = "websocket"

    async def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        response = refusal(426, NEEDS_MIDDLEWARE)
        response["Upgrade"] = "websocket"
        return response


async def serve(
    channel_id: str, since: datetime, form: Form, send: Callable, patience: float
) -> int:
    """Send updates for a socket's life, and return the code to close it with.

    An empty object is a heartbeat. ``TimeoutError`` where a frame is not taken within
    ``patience`` seconds.
    """
    hub = get_hub()
    end = time.monotonic() + LONGEST_LIFE * random.uniform(0.8, 1.2)  # noqa: S311
    while (left := end - time.monotonic()) > 0:
        try:
            answer = await hub.wait_for_update(
                channel_id, since, min(HEARTBEAT_INTERVAL, left), form
            )
        except ChannelGone:
            return CLOSE_GONE
        if hub.is_draining and not answer:
            return CLOSE_RESTART
        if answer:
            since = answer.cursor
        text = answer.body.decode() if answer else "{}"
        async with asyncio.timeout(patience):
            await send({"type": "websocket.send", "text": text})
    return CLOSE_END_OF_LIFE
