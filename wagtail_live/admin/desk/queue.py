"""The posts that wait in the browser, saved in their order by one request."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import copy
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse, QueryDict

from ...text import UNSTORABLE

MAX_POSTS = 20  # as in desk/outbox.js
MAX_DURATION = 4.0  # seconds, so that the browser gets a response before it gives up


def save_in_order(
    request: HttpRequest, save: Callable[[HttpRequest], JsonResponse]
) -> JsonResponse:
    """Save each form of a JSON list as if it had been sent alone, and return the
    responses. The list of responses is shorter if saving takes long or the server fails:
    the browser sends the others again, so none overtakes another.
    """
    results: list[dict[str, Any]] = []
    started = time.monotonic()
    for fields in read_forms(request)[:MAX_POSTS]:
        if results and time.monotonic() - started > MAX_DURATION:
            break
        each = copy(request)
        each.content_type = "application/x-www-form-urlencoded"
        each.POST = fields  # type: ignore[misc]
        try:
            response = save(each)
        except Exception:
            if not results:
                raise
            break  # It is the first of the next request, and is reported then.
        results.append({"status": response.status_code, **json.loads(response.content)})
    return JsonResponse({"results": results})


def read_forms(request: HttpRequest) -> list[QueryDict]:
    """Return the fields of each form in ``{"posts": [[[name, value], …], …]}``."""
    try:
        return [to_fields(pairs) for pairs in json.loads(request.body)["posts"]]
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise BadRequest(f"Not a list of forms: {type(error).__name__}") from error


def to_fields(pairs: list) -> QueryDict:
    fields = QueryDict(mutable=True)
    for name, value in pairs:
        if not (isinstance(name, str) and isinstance(value, str)):
            raise TypeError("fields are strings")
        # A browser writes half of an emoji as JSON, and as UTF-8 it doesn't.
        fields.appendlist(name, UNSTORABLE.sub("", value))
    return fields
