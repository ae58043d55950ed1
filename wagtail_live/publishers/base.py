"""What every way of delivering updates has in common."""

from __future__ import annotations

from django.db import connections, transaction
from django.http import HttpResponse
from django.urls import URLPattern, path, reverse
from django.views import View

from .. import updates


class BasePublisher(View):
    """A view that delivers the updates of a channel. Subclass it, set the path and the
    name of its URL, and name the subclass in ``WAGTAIL_LIVE_PUBLISHER``.

    It needs no CSRF token, because it changes nothing; no login, because it asks
    ``access`` itself; and no transaction, which would be held while readers wait.
    """

    url_path = "get-updates/<str:channel_id>/"
    url_name = ""

    @classmethod
    def as_view(cls, **initkwargs):
        view = super().as_view(**initkwargs)
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


def answer(payload: dict, status: int = 200) -> HttpResponse:
    response = HttpResponse(
        updates.serialise(payload), content_type="application/json", status=status
    )
    response["Cache-Control"] = "no-store"
    return response


def bad_request(error: ValueError) -> HttpResponse:
    return answer({"error": str(error)}, status=400)


def not_found() -> HttpResponse:
    """The same for an unknown channel, an unpublished page and a refused reader."""
    return answer({"error": "There is no live page here."}, status=404)
