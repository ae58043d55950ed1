"""HTTP requests to an engine's own port."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import requests

from .base import EngineFailed

TIMEOUT = 3.0, 7.0  # seconds to connect, and without an answer


_sessions = threading.local()  # each server of an engine has a thread


def post(url: str, body: bytes, headers: Mapping[str, str]) -> requests.Response:
    """Send a body; raise ``EngineFailed`` if it is not taken."""
    return send("POST", url, body, headers)


def send(
    method: str,
    url: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    accepted: Collection[int] = (),
    timeout: tuple[float, float] = TIMEOUT,
) -> requests.Response:
    """Send a request; raise ``EngineFailed`` for a status that is not 2xx and not
    ``accepted``. The error names the host only: the rest of the URL may hold a secret."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    try:
        response = get_session().request(
            method,
            url,
            data=body,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
        )
    except (requests.RequestException, OSError, ValueError) as error:
        raise EngineFailed(f"{host}: {type(error).__name__}") from None
    status = response.status_code
    if not 200 <= status < 300 and status not in accepted:
        raise EngineFailed(f"{host} answered with status {status}")
    return response


def get_session() -> requests.Session:
    """Return this thread's session. No proxy of the environment is between the site and
    the engine, and no connection is shared with a parent process."""
    owner = os.getpid()
    if getattr(_sessions, "owner", None) != owner:
        _sessions.session, _sessions.owner = requests.Session(), owner
        _sessions.session.trust_env = False
    return _sessions.session
