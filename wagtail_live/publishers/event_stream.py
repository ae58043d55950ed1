"""The publisher for readers who keep a stream of server-sent events open."""

from __future__ import annotations

import random
from datetime import datetime
from functools import partial

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from ..delivery.access import ChannelGone
from ..delivery.responses import NEEDS_ASGI, to_django
from ..delivery.streams import EVENT_STREAM_HEADERS, GONE, SlotStream, follow
from ..delivery.wire import WireFormat, parse_query
from ..engines import holding as engines
from ..engines.base import BaseEngine, get_name
from .base import BasePublisher

HEADERS = dict(EVENT_STREAM_HEADERS)


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
        if engine := engines.find_engine(request):
            held = await self.ask_database(
                lambda: self.hold(engine, channel_id, since, wire_format)
            )
            if held is not None:
                return held
        access = await self.ask_database(lambda: self.find_access(channel_id))
        if not isinstance(request, ASGIRequest):
            return to_django(NEEDS_ASGI)
        check = await self.get_check(access, channel_id)
        acquire = partial(self.acquire_slot, channel_id)
        acquire().release()  # refuse now, before the stream has sent its status
        stream = SlotStream(follow(channel_id, since, wire_format, check), acquire)
        return StreamingHttpResponse(stream, headers=HEADERS)

    def hold(
        self,
        engine: BaseEngine,
        channel_id: str,
        since: datetime,
        wire_format: WireFormat,
    ) -> HttpResponse | None:
        """Let the engine send the stream, or go on with one; ``None`` if the page is not
        public, since the engine would not repeat the reader's cookies."""
        name = get_name(channel_id, wire_format, is_public=True)
        resumed = engine.get_resumed(self.request, name)
        try:
            access = self.find_access(channel_id)
            access, answer = self.load_answer(access, resumed or since, wire_format)
            is_public = engines.is_public(access)
        except ChannelGone:
            if resumed is None:
                raise
            is_public = False
        if not is_public:
            return HttpResponse(GONE, headers=HEADERS) if resumed else None
        start = b"" if resumed else b"retry: %d\n\n" % random.randint(1000, 5000)  # noqa: S311
        response = HttpResponse(start + answer.body, headers=HEADERS)
        subscription = engines.subscribe(
            engine,
            access.channel,
            wire_format,
            is_public=True,
            news=answer.body,
        )
        return engine.hold_stream(self.request, response, subscription)

    async def head(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        await self.ask_database(lambda: self.find_access(channel_id))
        if not isinstance(request, ASGIRequest):
            return to_django(NEEDS_ASGI)
        return HttpResponse(headers=HEADERS)
