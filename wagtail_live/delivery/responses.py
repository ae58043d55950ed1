"""Answers to readers, whichever way they come: how long they keep, and refusals."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from .. import conf
from ..page import updates

PUBLIC = "public, max-age=1"  # a CDN asks once for all readers at one cursor
PRIVATE = "private, no-store"
UNCACHED = "no-store"
RETRY_AFTER = "10"  # seconds
NOT_FOUND = "There is no live page here."
NO_PLACE = "Too many readers are waiting; come back later."


def allow_origin(response: HttpResponse, origin: str | None) -> HttpResponse:
    """Let pages of the origins that the site has named read the answer."""
    if allowed := conf.get_allowed_origins():
        patch_vary_headers(response, ["Origin"])
        if origin in allowed:
            response["Access-Control-Allow-Origin"] = origin
    return response


def json_response(body: bytes, *, is_public: bool) -> HttpResponse:
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = PUBLIC if is_public else PRIVATE
    if not is_public:
        patch_vary_headers(response, ["Cookie"])
    return response


def refusal(status: int, reason: str) -> HttpResponse:
    response = HttpResponse(
        updates.serialise({"error": reason}),
        content_type="application/json",
        status=status,
    )
    response["Cache-Control"] = UNCACHED
    if status == 503:
        response["Retry-After"] = RETRY_AFTER
    return response


def refuse_for_good() -> HttpResponse:
    """Updates are switched off; an event stream's readers don't come back, either."""
    response = HttpResponse(status=204)
    response["Cache-Control"] = UNCACHED
    return response


def bad_request(error: ValueError) -> HttpResponse:
    return refusal(400, str(error))


def not_found() -> HttpResponse:
    """The same for an unknown channel, an unpublished page and a refused reader."""
    return refusal(404, NOT_FOUND)


def no_place() -> HttpResponse:
    return refusal(503, NO_PLACE)
