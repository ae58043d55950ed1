"""The webhooks: one URL for each receiver.

After an error response, platforms repeat the delivery, some of them for a day, and send
nothing else meanwhile. So authentic deliveries get a 2xx response even if they can't be
read. Only while the database is unavailable are platforms asked to retry.
"""

from __future__ import annotations

import logging

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

from ..background import is_unavailable
from . import get_receivers
from .base import BaseReceiver, Inbound, Rejected
from .failures import keep_failed
from .intake import process_or_keep

logger = logging.getLogger("wagtail_live.receivers")

RETRY_AFTER = 5  # seconds


@csrf_exempt
@login_not_required
@never_cache
@transaction.non_atomic_requests
def webhook(request: HttpRequest, name: str) -> HttpResponse:
    """Receive a delivery from a platform."""
    try:
        receiver = get_receivers().get(name)
        if receiver is None:
            raise Http404
        if request.method not in receiver.methods:
            return HttpResponseNotAllowed(receiver.methods)
        inbound = read(request, receiver.max_body)
        authenticate(receiver, inbound)
        return respond(receiver, inbound)
    except Rejected as rejected:
        logger.warning("%s: responded with %s: %s", name, rejected.status, rejected)
        return HttpResponse(
            rejected.reason, status=rejected.status, content_type="text/plain"
        )
    except Exception as error:
        if not is_unavailable(error):
            raise
        # The platform will retry.
        logger.error("The database is unavailable: %s", type(error).__name__)
        return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER)})


def read(request: HttpRequest, max_body: int) -> Inbound:
    """Return the request. Raise ``Rejected`` if its body has more than ``max_body`` bytes."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        raise Rejected("The length is not a number.", 400)
    # Python does not convert numbers with too many digits.
    if len(length) > 12 or int(length) > max_body:
        raise Rejected("The body is too large.", 413)
    try:
        body = request.read(max_body + 1)
    except UnreadablePostError:
        raise Rejected("The body ended too early.", 400) from None
    if len(body) > max_body:
        raise Rejected("The body is too large.", 413)
    return Inbound(
        body=body,
        headers=dict(request.headers),
        method=request.method or "",
        query=request.GET.dict(),
    )


def authenticate(receiver: BaseReceiver, inbound: Inbound) -> None:
    """Reject the request after any exception of the receiver."""
    try:
        receiver.authenticate(inbound)
    except Rejected:
        raise
    except Exception as error:
        reason = f"The request can't be verified ({type(error).__name__})."
        raise Rejected(reason) from None


def respond(receiver: BaseReceiver, inbound: Inbound) -> HttpResponse:
    try:
        if (response := receiver.handshake(inbound)) is not None:
            return response
        events = list(receiver.parse(inbound))
    except (Rejected, OperationalError, InterfaceError):
        raise
    except Exception as error:
        keep_failed(receiver.name, inbound.body, error)
        return HttpResponse()
    for event in events:
        process_or_keep(receiver, event, inbound.body)
    return HttpResponse()
