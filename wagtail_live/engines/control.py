"""HTTP requests to an engine's own port."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from ..background import after_fork
from .base import EngineFailed

TIMEOUT = 3.0, 7.0  # seconds to connect, and without an answer


_session = requests.Session()


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send a request; raise ``EngineFailed``, which names the host only: the rest of the
    URL may hold a secret."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    try:
        response = _session.post(
            url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except (requests.RequestException, OSError, ValueError) as error:
        raise EngineFailed(f"{host}: {type(error).__name__}") from None
    if not 200 <= response.status_code < 300:
        raise EngineFailed(f"{host} answered with status {response.status_code}")


def _renew_session() -> None:
    """Create a session; no proxy of the environment is between the site and the engine."""
    global _session
    _session = requests.Session()
    _session.trust_env = False


_renew_session()
after_fork(_renew_session)
