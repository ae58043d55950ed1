"""The event stream of a live desk: it says when something has changed, and nothing else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views import View

from .. import cursors
from ..background import is_unavailable, threads
from ..desks import people
from ..models import Channel, get_live_page
from ..page.visibility import get_visibility
from ..permissions import get_desk_state
from . import shutdown
from .desks import Desk, News, desks
from .hub import get_hub
from .limits import NoSlot
from .responses import NEEDS_ASGI, NOT_FOUND, UNAVAILABLE, refuse, to_django
from .streams import EVENT_HEARTBEAT, EVENT_STREAM_HEADERS, get_lifetime

Result = TypeVar("Result")

OPEN = b"event: open\ndata: {}\n\n"
CHANGED = b"event: changed\ndata: {}\n\n"
RECONNECT_TIME = 25.0  # seconds in which a desk that was disconnected comes back

FORBIDDEN = refuse(403, "You do not have permission to do this on this page.")
NO_ROOM = refuse(503, "Too many desks are open; use polling instead.")


class DeskStreamView(View):
    """A stream for an open desk, behind the sign-in of Wagtail's admin.

    A view that is not async, because the admin's decorators are not; the stream itself
    waits in the event loop. Under WSGI, where it would occupy a thread, it is refused.
    """

    http_method_names = ["get"]

    def get(self, request: HttpRequest, page_id: int) -> HttpResponseBase:
        if not isinstance(request, ASGIRequest):
            return to_django(NEEDS_ASGI)
        state = find_state(request, page_id)
        if state is None:
            return to_django(FORBIDDEN)
        try:
            page = get_live_page(page_id)
            desks.check_room(request.user.pk)
        except Http404:
            return to_django(NOT_FOUND)
        except NoSlot:
            return to_django(NO_ROOM)
        if get_hub().is_draining:
            return to_django(UNAVAILABLE)
        channel = Channel.objects.for_page(page)
        tab = request.GET.get("tab", "")[: people.MAX_TAB]
        stream = DeskStream(request, channel, tab, state)
        return StreamingHttpResponse(
            stream.follow(), headers=dict(EVENT_STREAM_HEADERS)
        )


class DeskStream:
    """The events of one open desk."""

    def __init__(self, request: ASGIRequest, channel: Channel, tab: str, state: str):
        self.request = request
        self.channel, self.page_id = channel, channel.page_id
        self.user_id, self.tab = request.user.pk, tab
        self.state: str | None = state

    async def follow(self) -> AsyncIterator[bytes]:
        """Yield events until the user may no longer see the desk, or the connection has
        reached its maximum lifetime."""
        shutdown.drain_on_sigterm()
        desk = Desk(self.page_id, self.channel.channel_id, self.user_id)
        try:
            desks.add(desk)
        except NoSlot:
            return
        try:
            await self.ask_database(self.enter)
            yield OPEN
            async for event in self.listen(desk):
                yield event
        except Exception as error:
            if not is_unavailable(error):
                raise
        finally:
            desks.remove(desk)
            threads.add(partial(self.lose, cursors.now()), RECONNECT_TIME)

    async def listen(self, desk: Desk) -> AsyncIterator[bytes]:
        end = time.monotonic() + get_lifetime()
        next_check = time.monotonic() + people.CHECK_INTERVAL
        while time.monotonic() < end and not get_hub().is_draining:
            news = await desk.wait(max(0.0, next_check - time.monotonic()))
            if News.END in news:
                return
            is_due = time.monotonic() >= next_check
            if is_due or News.CHECK in news:
                before, self.state = self.state, await self.ask_database(self.check)
                next_check = time.monotonic() + people.CHECK_INTERVAL
                if self.state != before:
                    news |= News.CHANGED
            if News.CHANGED in news:
                yield CHANGED
            elif is_due:
                yield EVENT_HEARTBEAT
            if self.state is None:
                return

    def check(self) -> str | None:
        """Return what the user may do now, and note that the desk is still open."""
        get_hub().start()  # it may have failed
        refresh_user(self.request)
        state = find_state(self.request, self.page_id)
        if state is not None:
            people.stay(self.channel, self.user_id, self.tab)
        return state

    def enter(self) -> None:
        people.stay(self.channel, self.user_id, self.tab)
        desks.note(self.page_id)

    def lose(self, since: datetime) -> None:
        """Forget the tab, unless it has come back."""
        people.lose(self.channel, self.user_id, self.tab, since)

    async def ask_database(self, function: Callable[[], Result]) -> Result:
        """Call a function in the request's thread, and close its connections: the stream
        may stay open for minutes."""

        def call() -> Result:
            try:
                return function()
            finally:
                for connection in connections.all(initialized_only=True):
                    if not connection.in_atomic_block:
                        connection.close()

        return await sync_to_async(call)()


def refresh_user(request: HttpRequest) -> None:
    """Read the session and the user again: they may have signed out meanwhile."""
    session: Any = getattr(request, "session", {})
    if auth.SESSION_KEY in session:
        request.session = type(session)(session.session_key)
        request.user = auth.get_user(request)
        return
    users = auth.get_user_model()._default_manager  # signed in by the site's middleware
    key: Any = request.user.pk
    user = users.filter(pk=key).first()
    request.user = user if user and user.is_active else AnonymousUser()


def find_state(request: HttpRequest, page_id: int) -> str | None:
    """Return what the user may do at the desk and whether readers see the page; ``None``
    if they may not see the desk."""
    user: Any = request.user
    if not (user.is_active and user.has_perm("wagtailadmin.access_admin")):
        return None
    try:
        page = get_live_page(page_id)
    except Http404:
        return None
    state = get_desk_state(user, page)
    return None if state is None else state + get_visibility(page).key
