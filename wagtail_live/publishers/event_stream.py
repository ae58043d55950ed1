"""Readers who keep a stream of server-sent events open."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from .. import cursors
from ..delivery.history import Form
from ..delivery.hub import ChannelGone, get_hub
from ..delivery.limits import NoPlace
from ..delivery.responses import bad_request, no_place, not_found, refusal
from .base import BasePublisher

HEARTBEAT_INTERVAL = 15.0  # seconds
LONGEST_LIFE = 300.0  # seconds, give or take a fifth: streams move to new processes
HEARTBEAT = b":\n\n"
GONE = b"event: gone\ndata: {}\n\n"
NEEDS_ASGI = "Event streams need an ASGI server; poll instead."

HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    # Compressed by GZipMiddleware, events would wait for the next ones.
    "Content-Encoding": "identity",
    "X-Accel-Buffering": "no",
}


class EventStreamPublisher(BasePublisher):
    """A stream of updates: ``id:`` is the cursor, ``data:`` the lean form.

    ``Last-Event-ID`` or ``?last_update_ts=…`` resumes. Needs ASGI; under WSGI the answer
    is 501 and the client polls.
    """

    url_path = "stream/<str:channel_id>/"
    url_name = "event-stream"

    async def get(self, request: HttpRequest, channel_id: str) -> HttpResponseBase:
        try:
            since = parse_cursor(
                request.headers.get("Last-Event-ID"),
                request.GET.getlist("last_update_ts"),
            )
        except cursors.InvalidCursor as error:
            return bad_request(error)
        reader = await self.get_reader(channel_id)
        if reader is None:
            return not_found()
        if not isinstance(request, ASGIRequest):
            return refusal(501, NEEDS_ASGI)
        try:
            place = self.take_place(channel_id)
        except NoPlace:
            return no_place()

        async def is_allowed() -> bool:
            return reader.is_public or await self.is_still_reader(channel_id)

        async def stream() -> AsyncIterator[bytes]:
            with place:
                form = Form.of(event=True, head=request.GET.get("head") == "1")
                events = follow(channel_id, since, form, reader.is_public, is_allowed)
                async for chunk in events:
                    yield chunk

        return StreamingHttpResponse(stream(), headers=HEADERS)


async def follow(
    channel_id: str,
    since: datetime,
    form: Form = Form.EVENT,
    is_public: bool = True,
    is_allowed: Callable[[], Awaitable[bool]] | None = None,
) -> AsyncIterator[bytes]:
    """The events of a channel after a cursor, with heartbeats, for a stream's life."""
    hub = get_hub()
    end = time.monotonic() + LONGEST_LIFE * random.uniform(0.8, 1.2)  # noqa: S311
    yield retry()
    while (left := end - time.monotonic()) > 0 and not hub.is_draining:
        try:
            answer = await hub.wait_for_update(
                channel_id,
                since,
                min(HEARTBEAT_INTERVAL, left),
                form,
                public=is_public,
            )
            if is_allowed and not await is_allowed():
                raise ChannelGone(channel_id)
        except ChannelGone:
            yield GONE
            return
        if answer:
            since = answer.cursor
        yield answer.body if answer else HEARTBEAT


def parse_cursor(last_event_id: str | None, values: list[str]) -> datetime:
    """A reconnecting reader's cursor is newer than the one in his address."""
    return cursors.parse([last_event_id] if last_event_id else values)


def retry() -> bytes:
    """When to come back after the end: at random, since others' streams end, too."""
    return b"retry: %d\n\n" % random.randint(1000, 5000)  # noqa: S311
