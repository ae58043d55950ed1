"""HTTP requests to an engine's own port."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from .. import outbound
from .base import EngineFailed

MAX_RESPONSE = 64 * 1024  # bytes


class Response(NamedTuple):
    status: int
    body: bytes


def send(
    method: str,
    url: str,
    body: bytes | None = None,
    *,
    deadline: float,
    headers: Mapping[str, str] | None = None,
    accepted: Collection[int] = (),
) -> Response:
    """Send a request, and nothing of it after the deadline, a ``time.monotonic()``.

    Raise ``EngineFailed`` for a status that is not 2xx and not ``accepted``. The error
    names the host only: the rest of the URL may hold a secret.
    """
    try:
        with outbound.send(
            url,
            timeout=deadline - time.monotonic(),
            method=method,
            body=body,
            headers={**get_credentials(url), **(headers or {})},
            is_trusted=True,
        ) as response:
            answer = Response(response.status, outbound.read(response, MAX_RESPONSE))
    except outbound.RequestFailed as error:
        raise EngineFailed(str(error).removesuffix(".")) from None
    if not 200 <= answer.status < 300 and answer.status not in accepted:
        host = urlsplit(url).hostname
        reason = f"{host} answered with status {answer.status}"
        raise EngineFailed(reason, is_answer=True)
    return answer


def get_credentials(url: str) -> dict[str, str]:
    """Return the header with the user and the password in a URL, if it has them."""
    parts = urlsplit(url)
    if parts.username is None:
        return {}
    credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}
