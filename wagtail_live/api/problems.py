"""Refusals and errors as problem details (RFC 9457), without internal details."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from .. import posts
from ..models import LivePost
from .models import KeyReused
from .serializers import etag_of

logger = logging.getLogger("wagtail_live.api")

CONTENT_TYPE = "application/problem+json"
NOT_FOUND = "There is no live page or post at this URL."
FORBIDDEN = "You don't have permission to do this on this page."
CHANGED = "The post has changed since you read it."
RETRY_AFTER = "5"  # seconds


class Problem(exceptions.APIException):
    """A refusal with a status and a reason."""

    def __init__(self, status: HTTPStatus, detail: str):
        super().__init__(detail)
        self.status_code = status


def handle(error: Exception, context: dict) -> Response:
    """Return the response to an exception of a view."""
    match error:
        case exceptions.ValidationError():
            return _invalid(error)
        case exceptions.APIException():
            return _refuse(error)
        case Http404() | LivePost.DoesNotExist():
            return problem(HTTPStatus.NOT_FOUND, NOT_FOUND)
        case PermissionDenied():
            return problem(HTTPStatus.FORBIDDEN, FORBIDDEN)
        case posts.Conflict():
            response = problem(HTTPStatus.PRECONDITION_FAILED, CHANGED)
            response["ETag"] = etag_of(error.post)
            return response
        case posts.Withdrawn():
            detail = "The post that this request created has been deleted since."
            return problem(HTTPStatus.GONE, detail)
        case KeyReused():
            detail = "This Idempotency-Key was used for a different request."
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
        case RequestDataTooBig():
            return problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request body is too large."
            )
        case OperationalError() | InterfaceError():
            logger.error("Database unavailable: %s", type(error).__name__)
            response = problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The database is unavailable. Try again in a moment.",
            )
            response["Retry-After"] = RETRY_AFTER
            return response
    logger.exception("An API request failed.", exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "An internal error occurred. It has been logged.",
    )


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


def _refuse(error: exceptions.APIException) -> Response:
    response = problem(error.status_code, str(error.detail))
    if auth_header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(wait)
    return response


def _invalid(error: exceptions.ValidationError) -> Response:
    detail = error.detail
    if isinstance(detail, list):
        return problem(HTTPStatus.BAD_REQUEST, " ".join(map(str, detail)))
    return problem(
        HTTPStatus.BAD_REQUEST, "The request is not valid.", errors=_plain(detail)
    )


def _plain(detail):
    if isinstance(detail, dict):
        return {str(key): _plain(value) for key, value in detail.items()}
    if isinstance(detail, list):
        return [_plain(value) for value in detail]
    return str(detail)
