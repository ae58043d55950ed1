"""Publishers for long polling and interval polling."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from .. import conf, cursors
from ..delivery.access import Access, ChannelGone
from ..delivery.hub import get_hub
from ..delivery.readership import readership
from ..delivery.responses import TIMEOUT, UNCACHED, ask_later, json_response
from ..delivery.threads import (
    NoThread,
    get_maximum,
    refused_polls,
    waiting_threads,
)
from ..delivery.wire import (
    Answer,
    WireFormat,
    build_body,
    is_up_to_date,
    parse_query,
)
from ..engines import holding as engines
from ..engines.base import BaseEngine
from ..page import updates
from .base import BasePublisher


class PollingPublisher(BasePublisher):
    """Answers a handshake (``POST``) and polls (``GET ?last_update_ts=…``); ``delta=1``
    asks for the lean form."""

    async def post(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        def handshake() -> HttpResponse:
            access = self.find_access(channel_id)
            body = updates.serialise(self.handshake(access))
            return json_response(body, is_public=access.is_public)

        response = await self.ask_database(handshake)
        response["Cache-Control"] = UNCACHED
        return response

    async def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        since, wire_format = parse_query(request.META["QUERY_STRING"])
        return await self.answer(channel_id, since, wire_format)

    async def head(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        access = await self.ask_database(lambda: self.find_access(channel_id))
        return json_response(b"", is_public=access.is_public)

    async def answer(
        self, channel_id: str, since: datetime, wire_format: WireFormat
    ) -> HttpResponse:
        raise NotImplementedError

    def handshake(self, access: Access) -> dict:
        return updates.handshake(access.channel)


class LongPollingPublisher(PollingPublisher):
    """Holds a reader's request until there is an update, or until the timeout.

    Under WSGI, where each reader who waits occupies a thread, few of them do.
    """

    url_name = "long-polling"

    async def answer(
        self, channel_id: str, since: datetime, wire_format: WireFormat
    ) -> HttpResponse:
        engine = engines.find_engine(self.request)
        poll = (channel_id, since, wire_format)
        if not engine and poll in refused_polls:
            readership.note_poll(channel_id)
            return ask_later(is_public=True)
        access, body, threads = await self.ask_database(lambda: self.load(*poll))
        if not body and engine:
            held = await self.ask_database(
                lambda: self.hold(engine, access, wire_format)
            )
            if held is not None:
                return held
        if body or not conf.get_polling_timeout():
            body = body or TIMEOUT.body
            return json_response(body, is_public=access.is_public)
        try:
            with waiting_threads.occupy(threads), self.acquire_slot(channel_id):
                return await self.wait(access, *poll)
        except NoThread:
            if access.is_public:
                refused_polls.add(poll)
            readership.note_poll(channel_id)
            return ask_later(is_public=access.is_public)

    def load(
        self, channel_id: str, since: datetime, wire_format: WireFormat
    ) -> tuple[Access, bytes, float]:
        """Return the access, and an answer or how many threads may wait for one."""
        access = self.find_access(channel_id)
        body = b""
        if not is_up_to_date(since, access.channel.last_updated_at, wire_format):
            access, answer = self.load_answer(access, since, wire_format)
            body = answer.body  # empty if only drafts have changed
        return access, body, 0 if body else self.count_waiting_threads()

    def count_waiting_threads(self) -> float:
        """Return how many threads of this process may wait; called in one of them."""
        if isinstance(self.request, ASGIRequest):
            return math.inf
        return get_maximum(self.request.META)

    async def wait(
        self, access: Access, channel_id: str, since: datetime, wire_format: WireFormat
    ) -> HttpResponse:
        check = await self.get_check(access, channel_id)
        is_public = check is None
        answer = await get_hub().wait_for_update(
            channel_id,
            since,
            conf.get_polling_timeout(),
            wire_format,
            public=is_public,
        )
        if check and not await check():
            raise ChannelGone(channel_id)
        body = answer.body if answer else TIMEOUT.body
        return json_response(body, is_public=is_public)

    def hold(
        self, engine: BaseEngine, access: Access, wire_format: WireFormat
    ) -> HttpResponse | None:
        """Let the engine wait for an update. On a page that is not public, it will then
        repeat the request, with the reader's own cookies."""
        if not engine.holds_polls:
            return None
        is_public = engines.is_public(access)
        subscription = engines.subscribe(
            engine, access.channel, wire_format, is_public=is_public
        )
        response = json_response(TIMEOUT.body, is_public=is_public)
        timeout = conf.get_polling_timeout()
        return engine.hold_poll(self.request, response, subscription, timeout)


class IntervalPollingPublisher(PollingPublisher):
    """Answers at once. ``HEAD`` returns the cursor in ``Last-Update-At``; a ``GET`` with
    the ``ETag`` of the last response gets 304 if nothing has changed."""

    url_name = "interval-polling"

    def handshake(self, access: Access) -> dict:
        interval = conf.get_polling_interval()
        return {**super().handshake(access), "pollingInterval": interval}

    async def head(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        channel, is_public = await self.ask_database(
            lambda: self.find_access(channel_id)
        )
        readership.note_poll(channel_id)
        response = json_response(b"", is_public=is_public)
        cursor = cursors.to_timestamp(channel.last_updated_at)
        response["Last-Update-At"] = repr(cursor)
        return response

    async def answer(
        self, channel_id: str, since: datetime, wire_format: WireFormat
    ) -> HttpResponse:
        def load() -> HttpResponse:
            access = self.find_access(channel_id)
            answer = Answer(b"", access.channel.last_updated_at)
            response = self.build_response(access, answer, since, wire_format)
            if response.status_code == 200 and (
                since != answer.cursor or not wire_format.is_lean
            ):
                access, answer = self.load_answer(access, since, wire_format)
                response = self.build_response(access, answer, since, wire_format)
            readership.note_poll(channel_id)
            return response

        return await self.ask_database(load)

    def build_response(
        self, access: Access, answer: Answer, since: datetime, wire_format: WireFormat
    ) -> HttpResponse:
        """Build the response with its ``ETag``, or 304 if the reader has it."""
        timestamps = map(cursors.to_timestamp, (since, answer.cursor))
        etag = '"{!r}-{!r}-{}"'.format(*timestamps, wire_format.name)
        body = answer.body or build_body([], answer.cursor, removals=[])
        response = json_response(body, is_public=access.is_public)
        response["ETag"] = etag
        conditional: Any = get_conditional_response(
            self.request, etag=etag, response=response
        )
        return conditional
