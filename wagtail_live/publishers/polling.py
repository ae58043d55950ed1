"""Readers who ask: again and again, or once and wait."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse

from .. import access, conf, cursors, hub, updates
from .base import BasePublisher, answer, bad_request, not_found


class LongPollingPublisher(BasePublisher):
    """Holds a reader's request until there is an update, or until the time-out.

    ``POST`` shakes hands, ``GET ?last_update_ts=…`` waits; ``delta=1`` asks for the lean
    form. Works under WSGI, with a thread for each waiting reader, and under ASGI.
    """

    url_name = "long-polling"

    async def post(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        return await sync_to_async(_shake_hands)(request, channel_id)

    async def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        try:
            cursor = cursors.parse(request.GET.getlist("last_update_ts"))
        except cursors.InvalidCursor as error:
            return bad_request(error)
        look = sync_to_async(_look)
        response = await look(request, channel_id, cursor)
        if response is None:
            timeout = conf.get_polling_timeout()
            await hub.wait_for_update(channel_id, cursor, timeout)
            response = await look(request, channel_id, cursor)
        return response or answer({"timeOutReached": "Timeout duration reached."})


def _shake_hands(request: HttpRequest, channel_id: str) -> HttpResponse:
    channel = access.get_channel_for(request, channel_id)
    return answer(updates.handshake(channel)) if channel else not_found()


def _look(request: HttpRequest, channel_id: str, cursor) -> HttpResponse | None:
    """The answer to a reader at the cursor, if there is one already."""
    try:
        channel = access.get_channel_for(request, channel_id)
        if channel is None:
            return not_found()
        if channel.last_updated_at <= cursor:
            return None
        delta = request.GET.get("delta") == "1"
        return answer(updates.payload(channel, cursor, delta=delta))
    finally:
        hub.release_connection()
