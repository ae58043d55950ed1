"""Readers who ask: again and again, or once and wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from .. import conf, cursors
from ..delivery.history import Form
from ..delivery.hub import ChannelGone, get_hub
from ..delivery.limits import NoPlace
from ..delivery.responses import (
    UNCACHED,
    bad_request,
    json_response,
    no_place,
    not_found,
)
from ..models import Channel
from ..page import updates
from .base import BasePublisher, Reader, release_connection

TIME_OUT = updates.serialise({"timeOutReached": "Timeout duration reached."})


class PollingPublisher(BasePublisher):
    """Answers a handshake (``POST``), and polls (``GET ?last_update_ts=…``), of which
    ``delta=1`` asks for the lean form."""

    async def post(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        reader = await self.get_reader(channel_id)
        if reader is None:
            return not_found()
        body = await sync_to_async(self._shake_hands)(reader)
        response = json_response(body, is_public=reader.is_public)
        response["Cache-Control"] = UNCACHED
        return response

    async def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        try:
            since = cursors.parse(request.GET.getlist("last_update_ts"))
        except cursors.InvalidCursor as error:
            return bad_request(error)
        reader = await self.get_reader(channel_id)
        if reader is None:
            return not_found()
        form = Form.of(
            delta=request.GET.get("delta") == "1", head=request.GET.get("head") == "1"
        )
        return await self.answer(reader, since, form)

    async def answer(self, reader: Reader, since: datetime, form: Form) -> HttpResponse:
        raise NotImplementedError

    def handshake(self, reader: Reader) -> dict:
        return updates.handshake(reader.channel)

    def _shake_hands(self, reader: Reader) -> bytes:
        try:
            return updates.serialise(self.handshake(reader))
        finally:
            release_connection()


class LongPollingPublisher(PollingPublisher):
    """Holds a reader's request until there is an update, or until the time-out.

    Works under WSGI, with a thread for each waiting reader, and under ASGI.
    """

    url_name = "long-polling"

    async def answer(self, reader: Reader, since: datetime, form: Form) -> HttpResponse:
        channel, is_public = reader
        body = await sync_to_async(load_news)(channel, since, form)
        if body:
            return json_response(body, is_public=is_public)
        try:
            with self.take_place(channel.channel_id):
                answer = await get_hub().wait_for_update(
                    channel.channel_id,
                    since,
                    conf.get_polling_timeout(),
                    form,
                    public=is_public,
                )
        except NoPlace:
            return no_place()
        except ChannelGone:
            return not_found()
        if not is_public and not await self.is_still_reader(channel.channel_id):
            return not_found()
        return json_response(answer.body if answer else TIME_OUT, is_public=is_public)


class IntervalPollingPublisher(PollingPublisher):
    """Answers at once. ``HEAD`` tells the cursor in ``Last-Update-At``; a ``GET`` that
    repeats an ``ETag`` is answered 304."""

    url_name = "interval-polling"

    def handshake(self, reader: Reader) -> dict:
        return {
            **super().handshake(reader),
            "pollingInterval": conf.get_polling_interval(),
        }

    async def head(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        reader = await self.get_reader(channel_id)
        if reader is None:
            return not_found()
        response = json_response(b"", is_public=reader.is_public)
        cursor = cursors.to_timestamp(reader.channel.last_updated_at)
        response["Last-Update-At"] = repr(cursor)
        return response

    async def answer(self, reader: Reader, since: datetime, form: Form) -> HttpResponse:
        channel, is_public = reader
        cursor = cursors.to_timestamp(channel.last_updated_at)
        etag = f'"{cursors.to_timestamp(since)!r}-{cursor!r}-{form.name}"'
        response = json_response(b"", is_public=is_public)
        response["ETag"] = etag
        conditional: Any = get_conditional_response(
            self.request, etag=etag, response=response
        )
        if conditional is response:
            response.content = await sync_to_async(load_answer)(channel, since, form)
        return conditional


def load_news(channel: Channel, since: datetime, form: Form) -> bytes | None:
    """The answer to a reader at the cursor, if there is something new for him."""
    is_news = channel.last_updated_at > since
    is_reset = channel.last_updated_at < since and form.is_lean
    if not is_news and not is_reset:
        return None
    try:
        payload = load_payload(channel, since, form)
    finally:
        release_connection()
    return None if updates.is_empty(payload) else updates.serialise(payload)


def load_payload(channel: Channel, since: datetime, form: Form) -> dict:
    return updates.payload(channel, since, delta=form.is_lean, overview=form.has_head)


def load_answer(channel: Channel, since: datetime, form: Form) -> bytes:
    try:
        payload = load_payload(channel, since, form)
        return updates.serialise(payload)
    finally:
        release_connection()
