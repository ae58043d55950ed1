"""The base class of all publishers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.contrib import auth
from django.core.handlers.asgi import ASGIRequest
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views import View

from .. import conf
from ..background import remember_script_name
from ..delivery import responses
from ..delivery.access import Access, ChannelGone, find_access
from ..delivery.histories import histories
from ..delivery.hub import get_hub
from ..delivery.limits import Slot, client_address, limits
from ..delivery.wire import Answer, WireFormat
from ..housekeeping import housekeeper

Result = TypeVar("Result")


class BasePublisher(View):
    """A view that delivers the updates of a channel. Subclass it, set the path and the
    name of its URL, and name the subclass in ``WAGTAIL_LIVE_PUBLISHER``.

    It needs no CSRF token, because it changes nothing; no login, because it checks access
    itself; and no transaction, which would stay open while readers wait.
    """

    url_path = "get-updates/<str:channel_id>/"
    url_name = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view: Any = super().as_view(**initkwargs)
        view.csrf_exempt = True
        view.login_required = False
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    @classmethod
    def get_urls(cls) -> list[URLPattern]:
        return [path(cls.url_path, cls.as_view(), name=cls.url_name)]

    @classmethod
    def get_url(cls, channel_id: str) -> str:
        """Return the URL that follows a channel; ``NoReverseMatch`` if the site has none."""
        return reverse(cls.url_name, args=[channel_id])

    async def dispatch(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        remember_script_name()
        try:
            if conf.is_enabled():
                handler: Any = super().dispatch(request, *args, **kwargs)
                response = await handler
            else:
                response = responses.to_django(responses.SWITCHED_OFF)
        except Exception as error:
            if not responses.is_refusal(error):
                raise
            response = responses.to_django(responses.refuse_for(error))
        headers = responses.get_site_headers(
            response.status_code, request.headers.get("Origin")
        )
        return responses.add_headers(response, headers)

    async def ask_database(self, function: Callable[[], Result]) -> Result:
        """Call a function in a thread, and release its database connections."""

        def call() -> Result:
            try:
                return function()
            finally:
                release_connections(self.request)

        return await sync_to_async(call)()

    def find_access(self, channel_id: str) -> Access:
        """Return the reader's access to a channel; raise ``ChannelGone``."""
        housekeeper.look()
        return find_access(self.request, channel_id)

    def load_answer(
        self, access: Access, since: datetime, wire_format: WireFormat
    ) -> tuple[Access, Answer]:
        """Load an answer, and the access to the channel that is as new as the answer."""
        while True:
            answer = histories.answer(access.channel, since, wire_format)
            if answer is not None:
                return access, answer
            access = self.find_access(access.channel.channel_id)

    async def get_check(
        self, access: Access, channel_id: str
    ) -> Callable[[], Awaitable[bool]] | None:
        """Return the access check to repeat before each answer; ``None`` if the hub does
        it. To the hub, a page below an alias is private: see ``public_channels``."""
        if access.is_public and await get_hub().is_public(channel_id):
            return None
        return partial(self.is_still_allowed, channel_id)

    async def is_still_allowed(self, channel_id: str) -> bool:
        """Check access again: the reader may have logged out meanwhile."""
        try:
            await self.ask_database(lambda: find_access_now(self.request, channel_id))
        except ChannelGone:
            return False
        return True

    def acquire_slot(self, channel_id: str) -> Slot:
        """Return a slot for a waiting reader; raise ``NoSlot``."""
        peer = self.request.META.get("REMOTE_ADDR", "")
        forwarded_for = self.request.headers.get("X-Forwarded-For", "")
        return limits.acquire(channel_id, client_address(peer, forwarded_for))


def find_access_now(request: HttpRequest, channel_id: str) -> Access:
    """Return the access with the session and the user as the database has them now."""
    session = getattr(request, "session", None)
    if session is not None and auth.SESSION_KEY in session:
        request.session = type(session)(session.session_key)
        request.user = auth.get_user(request)
    return find_access(request, channel_id)


def release_connections(request: HttpRequest) -> None:
    """Close this thread's database connections, except those in a transaction.

    Under WSGI the server's threads keep them for ``CONN_MAX_AGE``. Under ASGI a request's
    thread ends with it, so that a kept connection would never be used again.
    """
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            continue
        if isinstance(request, ASGIRequest):
            connection.close()
        else:
            connection.close_if_unusable_or_obsolete()
