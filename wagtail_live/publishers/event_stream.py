"""The publisher for readers who keep a stream of server-sent events open."""

from __future__ import annotations

from functools import partial

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from ..delivery.responses import refuse, to_django
from ..delivery.streams import EVENT_STREAM_HEADERS, SlotStream, follow
from ..delivery.wire import parse_query
from .base import BasePublisher

NEEDS_ASGI = refuse(501, "Event streams need an ASGI server; use polling instead.")


class EventStreamPublisher(BasePublisher):
    """A stream of updates: ``id:`` is the cursor, ``data:`` the lean form.

    ``Last-Event-ID`` or ``?last_update_ts=…`` resumes. Needs ASGI; under WSGI the response
    is 501 and the client polls.
    """

    url_path = "stream/<str:channel_id>/"
    url_name = "event-stream"

    async def get(self, request: HttpRequest, channel_id: str) -> HttpResponseBase:
        last_event_id = request.headers.get("Last-Event-ID", "")
        since, wire_format = parse_query(
            request.META["QUERY_STRING"], last_event_id, event=True
        )
        access = await self.ask_database(lambda: self.find_access(channel_id))
        if not isinstance(request, ASGIRequest):
            return to_django(NEEDS_ASGI)
        check = await self.get_check(access, channel_id)
        acquire = partial(self.acquire_slot, channel_id)
        acquire().release()  # refuse now, before the stream has sent its status
        stream = SlotStream(follow(channel_id, since, wire_format, check), acquire)
        return StreamingHttpResponse(stream, headers=dict(EVENT_STREAM_HEADERS))

    async def head(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        await self.ask_database(lambda: self.find_access(channel_id))
        if not isinstance(request, ASGIRequest):
            return to_django(NEEDS_ASGI)
        return HttpResponse(headers=dict(EVENT_STREAM_HEADERS))
