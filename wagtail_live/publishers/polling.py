"""Publishers for long polling and interval polling."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from .. import conf, cursors
from ..delivery.access import Access, ChannelGone
from ..delivery.hub import get_hub
from ..delivery.loader import load_answer, load_payload
from ..delivery.responses import TIMEOUT, UNCACHED, json_response
from ..delivery.wire import WireFormat, is_up_to_date, parse_query
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

    async def answer(
        self, channel_id: str, since: datetime, wire_format: WireFormat
    ) -> HttpResponse:
        raise NotImplementedError

    def handshake(self, access: Access) -> dict:
        return updates.handshake(access.channel)


class LongPollingPublisher(PollingPublisher):
    """Holds a reader's request until there is an update, or until the timeout.

    Works under WSGI, with a thread for each waiting reader, and under ASGI.
    """

    url_name = "long-polling"

    async def answer(
        self, channel_id: str, since: datetime, wire_format: WireFormat
    ) -> HttpResponse:
        def load() -> tuple[Access, bytes]:
            access = self.find_access(channel_id)
            channel = access.channel
            if is_up_to_date(since, channel.last_updated_at, wire_format):
                return access, b""
            return access, load_answer(channel, since, wire_format).body

        access, body = await self.ask_database(load)
        is_public = access.is_public
        if not body:
            with self.acquire_slot(channel_id):
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
        response = json_response(b"", is_public=is_public)
        cursor = cursors.to_timestamp(channel.last_updated_at)
        response["Last-Update-At"] = repr(cursor)
        return response

    async def answer(
        self, channel_id: str, since: datetime, wire_format: WireFormat
    ) -> HttpResponse:
        def load() -> HttpResponse:
            channel, is_public = self.find_access(channel_id)
            cursor = cursors.to_timestamp(channel.last_updated_at)
            etag = f'"{cursors.to_timestamp(since)!r}-{cursor!r}-{wire_format.name}"'
            response = json_response(b"", is_public=is_public)
            response["ETag"] = etag
            conditional: Any = get_conditional_response(
                self.request, etag=etag, response=response
            )
            if conditional is not response:
                return conditional
            payload = load_payload(channel, since, wire_format)
            response.content = updates.serialise(payload)
            return response

        return await self.ask_database(load)
