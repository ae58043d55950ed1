"""The base class of the API's views, token authentication, and access to channels."""

from __future__ import annotations

import hashlib
import re
import time
from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import connections, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from .. import conf, cursors
from ..background import retry_if_locked
from ..delivery import access
from ..delivery.responses import (
    UNCACHED,
    add_headers,
    get_origin_headers,
    json_response,
)
from ..housekeeping import housekeeper
from ..models import Channel
from ..page import updates
from . import problems
from .models import ApiToken, IdempotencyKey
from .serializers import read_object

MAX_BODY = 2**20  # bytes
DIGITS = re.compile("[0-9]{1,18}")
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <secret>``; ``request.auth`` is the ``ApiToken``.

    Without a token ``request.auth`` is ``None``, and a session only allows reading.
    """

    def authenticate(self, request):
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return getattr(request._request, "user", AnonymousUser()), None
        token = ApiToken.objects.find(secret.strip())
        if token is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        retry_if_locked(throttle, token)
        return token.user or AnonymousUser(), token

    def authenticate_header(self, request):
        return 'Bearer realm="wagtail_live"'


def throttle(token: ApiToken) -> None:
    """Count a request; raise ``Throttled`` if the token has made too many.

    A token bucket, updated in one statement so that all processes share it.
    """
    now, interval = time.time(), 1 / conf.get_api_rate()
    latest = now + (conf.get_api_burst() - 1) * interval
    bucket = ApiToken.objects.filter(pk=token.pk)
    if bucket.filter(full_at__lte=latest).update(
        full_at=Greatest(F("full_at"), Value(now)) + Value(interval),
        last_used_at=cursors.now(),
    ):
        return
    full_at = bucket.values_list("full_at", flat=True).first() or latest
    raise Throttled(wait=max(1, full_at - latest))


class StrictJSONParser(JSONParser):
    """Parses a JSON object."""

    def parse(self, stream, media_type=None, parser_context=None):
        return read_object(stream.read())


class AlwaysJSON(BaseContentNegotiation):
    """Responds in JSON, whatever the client accepts."""

    def select_parser(self, request, parsers):
        content_type = request.content_type.partition(";")[0].strip().lower()
        by_type = {parser.media_type: parser for parser in parsers}
        return by_type.get(content_type)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class ReadAccess(NamedTuple):
    """A channel that a request may read: with a token all of it, otherwise as readers do.

    ``is_public`` if everybody gets the same response.
    """

    channel: Channel
    sees_all: bool = False
    is_public: bool = False


class ApiView(APIView):
    """A view that ignores the site's ``REST_FRAMEWORK`` settings, and never runs in a
    transaction, which would begin before the channel's lock."""

    http_method_names = ("get", "head", "post", "patch", "delete")
    authentication_classes = (BearerAuthentication,)
    content_negotiation_class = AlwaysJSON
    metadata_class = None
    parser_classes = (StrictJSONParser,)
    permission_classes = ()
    renderer_classes = (JSONRenderer,)
    throttle_classes = ()
    versioning_class = None
    max_body = MAX_BODY
    is_repeated = False  # for a request that came with the same Idempotency-Key before

    @classmethod
    def as_view(cls, **initkwargs):
        view = super().as_view(**initkwargs)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    def get_exception_handler(self):
        return problems.handle

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if "Transfer-Encoding" in request.headers and (
            "Content-Length" not in request.headers
        ):
            raise problems.Problem(
                HTTPStatus.LENGTH_REQUIRED, "Send a Content-Length header."
            )
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not DIGITS.fullmatch(length):
            raise problems.Problem(
                HTTPStatus.BAD_REQUEST, "The Content-Length is not a number."
            )
        if int(length) > self.max_body:
            raise problems.Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The request body is larger than {self.max_body} bytes.",
            )

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response.setdefault("Cache-Control", UNCACHED)
        patch_vary_headers(response, ["Authorization"])
        if request.method in ("GET", "HEAD"):
            origin = request.headers.get("Origin")
            add_headers(response, get_origin_headers(origin))
        return response

    def respond(self, access: ReadAccess, data: Any, etag: str = "") -> HttpResponse:
        """Return the data as JSON, or 304 if the client has this version."""
        body = updates.serialise(data)
        response = json_response(body, is_public=access.is_public)
        response["ETag"] = etag or f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return get_conditional_response(
            self.request._request, etag=response["ETag"], response=response
        )

    def get_idempotency_key(self) -> str:
        """Return the ``Idempotency-Key`` of the request, ``""`` if it has none."""
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return ""
        if not IDEMPOTENCY_KEY.fullmatch(key):
            raise problems.Problem(
                HTTPStatus.BAD_REQUEST,
                "An Idempotency-Key must have 1 to 200 ASCII characters, no spaces.",
            )
        return key

    def remember(self) -> tuple[IdempotencyKey | None, bool]:
        """Return the row of the request's ``Idempotency-Key``, ``None`` without one, and
        whether the request is repeated."""
        if not (key := self.get_idempotency_key()):
            return None, False
        request = self.request._request
        parts = request.method.encode(), request.path.encode(), request.body
        row, is_new = IdempotencyKey.objects.remember(self.request.auth, key, *parts)
        self.is_repeated = not is_new
        return row, self.is_repeated


class NotFoundView(ApiView):
    """Responds in JSON at all other URLs of the API."""

    def http_method_not_allowed(self, request, *args, **kwargs):
        raise Http404


def find_for_writing(request, channel_id: str) -> Channel:
    """Find the channel; 404 also if the token is not for it. The writer checks whether
    the token may make the change."""
    if request.auth is None:
        raise NotAuthenticated("This request needs a token for the page.")
    channel = _find_by_token(request.auth, channel_id)
    if channel is None:
        raise Http404
    return channel


def find_for_reading(request, channel_id: str) -> ReadAccess:
    """Find the channel: all of it with a token for the page, otherwise as readers see it.

    Requests also start housekeeping, for sites whose readers only use the API.
    """
    housekeeper.look()
    if request.auth and (channel := _find_by_token(request.auth, channel_id)):
        return ReadAccess(channel, sees_all=True)
    try:
        channel, is_public = access.find_access(request._request, channel_id)
    except access.ChannelGone:
        raise Http404 from None
    return ReadAccess(channel, is_public=is_public)


def _find_by_token(token: ApiToken, channel_id: str) -> Channel | None:
    if not channel_id.isprintable():
        return None  # no database takes NUL
    channel = token.channels.filter(channel_id=channel_id).first()
    return channel if channel and token.may_read(channel) else None
