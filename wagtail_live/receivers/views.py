"""The webhooks: one URL for each receiver, and one answer for each way that it can go.

A platform that is answered with an error sends the same again, some for a day, and sends
nothing else meanwhile. So what is authentic is answered with 2xx, also if nothing can be
made of it; only a database that is away is a reason to come again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    UnreadablePostError,
)
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from . import get_receivers
from .base import BaseReceiver, Event, Ignored, Inbound, Rejected
from .deliveries import keep_failed
from .intake import take_in

logger = logging.getLogger("wagtail_live.receivers")

RETRY_AFTER = 5  # seconds


def unavailable_without_database(view: Callable) -> Callable:
    """Answer 503 where the database does not, so that the platform comes again."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            logger.error("The database is away: %s", type(error).__name__)
            return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER)})

    return guarded


@csrf_exempt
@login_not_required
@never_cache
@transaction.non_atomic_requests
@unavailable_without_database
def webhook(request: HttpRequest, name: str) -> HttpResponse:
    """What a platform tells."""
    receiver = get_receivers().get(name)
    if receiver is None:
        raise Http404
    if request.method not in receiver.methods:
        return HttpResponseNotAllowed(receiver.methods)
    try:
        inbound = read(request, receiver.max_body)
        authenticate(receiver, inbound)
        return respond(receiver, inbound)
    except Rejected as rejected:
        logger.warning("%s: answered %s: %s", name, rejected.status, rejected.reason)
        return HttpResponse(status=rejected.status)


def read(request: HttpRequest, most: int) -> Inbound:
    """The request, of whose body at most so many bytes are read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        raise Rejected("The length is no number.", 400)
    # Longer digits could be more than Python converts.
    if len(length) > 12 or int(length) > most:
        raise Rejected("The body is too big.", 413)
    try:
        body = request.read(most + 1)
    except UnreadablePostError:
        raise Rejected("The body broke off.", 400) from None
    if len(body) > most:
        raise Rejected("The body is too big.", 413)
    return Inbound(
        body=body,
        headers=dict(request.headers),
        method=request.method or "",
        query=request.GET.dict(),
    )


def authenticate(receiver: BaseReceiver, inbound: Inbound) -> None:
    """Whatever goes wrong in it, the request is not authentic."""
    try:
        receiver.authenticate(inbound)
    except Rejected:
        raise
    except Exception as error:
        raise Rejected(f"Not to be verified ({type(error).__name__}).") from None


def respond(receiver: BaseReceiver, inbound: Inbound) -> HttpResponse:
    try:
        if (answer := receiver.handshake(inbound)) is not None:
            return answer
        events = list(receiver.parse(inbound))
    except (Rejected, OperationalError, InterfaceError):
        raise
    except Exception as error:
        keep_failed(receiver.name, inbound.body, error)
        return HttpResponse()
    for event in events:
        apply(receiver, event, inbound.body)
    return HttpResponse()


def apply(receiver: BaseReceiver, event: Event, body: bytes = b"") -> bool:
    """Take in an event, whose failure stops no other; whether it did not fail."""
    try:
        take_in(receiver, event)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        channel = "" if isinstance(event, Ignored) else event.channel
        keep_failed(receiver.name, body, error, channel)
        return False
    return True
