"""Error responses as problem details (RFC 9457), without internal details."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.urls import reverse
from rest_framework import exceptions
from rest_framework.response import Response

from .. import posts
from ..models import LivePost
from ..permissions import OnlyDrafts, OnlyOwnName
from ..rich_text import TooLong
from .models import KeyReused
from .serializers import etag_of

logger = logging.getLogger("wagtail_live.api")

CONTENT_TYPE = "application/problem+json"
NOT_FOUND = "There is no live page or post at this URL."
FORBIDDEN = "You do not have permission to do this on this page."
ONLY_DRAFTS = (
    'This token can only write drafts: send "show": false, and change only posts that '
    "have never been published."
)
ONLY_OWN_NAME = (
    "This token can only write in its own name: leave out the authors, or give the name "
    "of its user."
)
CHANGED = "The post has changed since you read it."
CHANGED_BY_OTHERS = "This request was made before, and others have changed the result."
WITHDRAWN = "The post that this request created has been deleted since."
KEY_REUSED = "This Idempotency-Key was used for a different request."
TOO_LARGE = "The request body is too large."
UNAVAILABLE = "The database is unavailable. Try again in a moment."
INTERNAL = "An internal error occurred. It has been logged."
RETRY_AFTER = "5"  # seconds


class Problem(exceptions.APIException):
    """An error with a status and a reason."""

    def __init__(self, status: HTTPStatus, detail: str):
        super().__init__(detail)
        self.status_code = status


def handle(error: Exception, context: dict) -> Response:
    """Return the response to an exception of a view."""
    match error:
        case exceptions.ValidationError(detail=list() as reasons):
            return problem(HTTPStatus.BAD_REQUEST, " ".join(reasons))
        case exceptions.ValidationError():
            detail = "The request is not valid."
            return problem(HTTPStatus.BAD_REQUEST, detail, errors=error.detail)
        case exceptions.APIException():
            response = problem(error.status_code, str(error.detail))
            if auth_header := getattr(error, "auth_header", None):
                response["WWW-Authenticate"] = auth_header
            if wait := getattr(error, "wait", None):
                response["Retry-After"] = str(wait)
            return response
        case Http404() | LivePost.DoesNotExist():
            return problem(HTTPStatus.NOT_FOUND, NOT_FOUND)
        case OnlyOwnName():
            return problem(HTTPStatus.FORBIDDEN, ONLY_OWN_NAME)
        case OnlyDrafts():
            return problem(HTTPStatus.FORBIDDEN, ONLY_DRAFTS)
        case PermissionDenied():
            return problem(HTTPStatus.FORBIDDEN, FORBIDDEN)
        case posts.Conflict():
            return _describe_conflict(error.post, **context)
        case posts.Withdrawn():
            return problem(HTTPStatus.GONE, WITHDRAWN)
        case KeyReused():
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, KEY_REUSED)
        case TooLong():
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        case RequestDataTooBig():
            return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE)
        case OperationalError() | InterfaceError():
            logger.error("Database unavailable: %s", type(error).__name__)
            response = problem(HTTPStatus.SERVICE_UNAVAILABLE, UNAVAILABLE)
            response["Retry-After"] = RETRY_AFTER
            return response
    logger.exception("An API request failed.", exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL)


def _describe_conflict(post: LivePost | None, view, request, kwargs: dict, **others):
    if view.is_repeated:
        response = problem(HTTPStatus.CONFLICT, CHANGED_BY_OTHERS)
    else:
        response = problem(HTTPStatus.PRECONDITION_FAILED, CHANGED)
    if post:
        url = reverse("live-api-post", args=[kwargs["channel_id"], post.pk])
        response["Location"] = request.build_absolute_uri(url)
        response["ETag"] = etag_of(post)
    return response


def problem(status: int, detail: str, **members) -> Response:
    status = HTTPStatus(status)
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **members,
    }
    return Response(body, status=status.value, content_type=CONTENT_TYPE)
