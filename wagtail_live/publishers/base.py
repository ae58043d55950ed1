"""What every way of delivering updates has in common."""

from __future__ import annotations

from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.contrib import auth
from django.db import connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views import View

from .. import conf
from ..delivery import access
from ..delivery.limits import Place, client_address, places
from ..delivery.responses import allow_origin, refuse_for_good
from ..housekeeping import housekeeper
from ..models import Channel


class Reader(NamedTuple):
    """Who asks, and whether everybody gets the same answer."""

    channel: Channel
    is_public: bool


class BasePublisher(View):
    """A view that delivers the updates of a channel. Subclass it, set the path and the
    name of its URL, and name the subclass in ``WAGTAIL_LIVE_PUBLISHER``.

    It needs no CSRF token, because it changes nothing; no login, because it asks
    ``access`` itself; and no transaction, which would be held while readers wait.
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
        """Where readers follow a channel; ``NoReverseMatch`` if the site forgot."""
        return reverse(cls.url_name, args=[channel_id])

    async def dispatch(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not conf.is_enabled():
            return refuse_for_good()
        answer: Any = super().dispatch(request, *args, **kwargs)
        response = await answer
        if response.status_code == 200 and (seconds := conf.get_retry_after()):
            response["Retry-After"] = f"{seconds:.0f}"
        return allow_origin(response, request.headers.get("Origin"))

    async def get_reader(self, channel_id: str) -> Reader | None:
        """Who asks, or ``None`` if he may not follow the channel."""
        return await sync_to_async(find_reader)(self.request, channel_id)

    async def is_still_reader(self, channel_id: str) -> bool:
        """Whether who asked may still follow: he may have logged out meanwhile."""
        return await sync_to_async(find_again)(self.request, channel_id) is not None

    def take_place(self, channel_id: str) -> Place:
        """A place among the waiting readers; ``NoPlace`` if none is free."""
        peer = self.request.META.get("REMOTE_ADDR", "")
        forwarded_for = self.request.headers.get("X-Forwarded-For", "")
        return places.take(channel_id, client_address(peer, forwarded_for))


def find_reader(request: HttpRequest, channel_id: str) -> Reader | None:
    """Ask the database, and keep no connection to it."""
    try:
        housekeeper.look()
        return Reader(*found) if (found := access.find(request, channel_id)) else None
    finally:
        release_connection()


def find_again(request: HttpRequest, channel_id: str) -> Reader | None:
    """The same with session and user as they are now, and not as the request saw them."""
    session = getattr(request, "session", None)
    if session is not None and auth.SESSION_KEY in session:
        request.session = type(session)(session.session_key)
        request.user = auth.get_user(request)
    return find_reader(request, channel_id)


def release_connection() -> None:
    """Give the connection back, unless a transaction of the caller's holds it."""
    if not connection.in_atomic_block:
        connection.close()
