"""HTTP requests to an engine's own port."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from .base import EngineFailed

TIMEOUT = 3.0, 7.0  # seconds to connect, and without an answer


_sessions = threading.local()  # each server of an engine has a thread


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send a request; raise ``EngineFailed``, which names the host only: the rest of the
    URL may hold a secret."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    try:
        response = get_session().post(
            url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except (requests.RequestException, OSError, ValueError) as error:
        raise EngineFailed(f"{host}: {type(error).__name__}") from None
    if not 200 <= response.status_code < 300:
        raise EngineFailed(f"{host} answered with status {response.status_code}")


def get_session() -> requests.Session:
    """Return this thread's session. No proxy of the environment is between the site and
    the engine, and no connection is shared with a parent process."""
    owner = os.getpid()
    if getattr(_sessions, "owner", None) != owner:
        _sessions.session, _sessions.owner = requests.Session(), owner
        _sessions.session.trust_env = False
    return _sessions.session
