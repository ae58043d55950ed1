"""The base class of the API's views."""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from typing import Any

from django.db import connections, transaction
from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from ..delivery.responses import (
    UNCACHED,
    add_headers,
    get_origin_headers,
    json_response,
)
from ..page import updates
from . import problems
from .auth import BearerAuthentication, Reach
from .serializers import read_object

MAX_BODY = 2**20  # bytes
KEY = re.compile(r"[\x21-\x7e]{1,200}")


class StrictJSONParser(JSONParser):
    """Parses a JSON object."""

    def parse(self, stream, media_type=None, parser_context=None):
        return read_object(stream.read())


class AlwaysJSON(BaseContentNegotiation):
    """Answers in JSON, whatever the client accepts."""

    def select_parser(self, request, parsers):
        content_type = request.content_type.partition(";")[0].strip().lower()
        by_type = {parser.media_type: parser for parser in parsers}
        return by_type.get(content_type)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


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
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.max_body:
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

    def respond(self, reach: Reach, data: Any, etag: str = "") -> HttpResponse:
        """Return what the client wants to read, or 304 if they have it already."""
        body = updates.serialise(data)
        response = json_response(body, is_public=reach.is_public)
        response["ETag"] = etag or f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return get_conditional_response(
            self.request._request, etag=response["ETag"], response=response
        )

    def get_idempotency_key(self) -> str:
        """Return the ``Idempotency-Key`` of the request, ``""`` if it has none."""
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return ""
        if not KEY.fullmatch(key):
            raise problems.Problem(
                HTTPStatus.BAD_REQUEST,
                "An Idempotency-Key must have 1 to 200 ASCII characters, no spaces.",
            )
        return key


class NotFoundView(ApiView):
    """Answers in JSON at all other URLs of the API."""

    def http_method_not_allowed(self, request, *args, **kwargs):
        raise Http404
