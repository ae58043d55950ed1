"""Calls of a platform's API, which say nothing of the secrets in them."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urlsplit

TIMEOUT = 10  # seconds
LARGEST_ANSWER = 2**20


class ApiFailed(Exception):
    """A platform did not do what it was asked, for the reason that it gives."""


class WebApi:
    """The methods of the API at ``base_url``. Each takes a form, which all methods of all
    platforms do, and answers JSON.

    Redirects are not followed: ``headers`` and the address may carry a token.
    """

    def __init__(self, base_url: str, headers: dict[str, str] | None = None):
        self._base = urlsplit(base_url)
        self._headers = headers or {}

    def call(self, method: str, **arguments) -> dict:
        """What the method answers; ``ApiFailed`` where that is an error, or nothing."""
        try:
            answer = self._ask(method, _form(arguments))
        except (OSError, HTTPException, ValueError) as error:
            raise ApiFailed(f"{method}: {type(error).__name__}") from None
        if not isinstance(answer, dict) or answer.get("ok") is not True:
            raise ApiFailed(f"{method}: {_reason(answer)}")
        return answer

    def _ask(self, method: str, body: bytes):
        connection = self._connect()
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            path = f"{self._base.path.rstrip('/')}/{method}"
            connection.request("POST", path, body, headers | self._headers)
            return json.loads(connection.getresponse().read(LARGEST_ANSWER))
        finally:
            connection.close()

    def _connect(self) -> HTTPConnection:
        secure = self._base.scheme == "https"
        connect = HTTPSConnection if secure else HTTPConnection
        return connect(self._base.hostname, self._base.port, timeout=TIMEOUT)


def _form(arguments: dict) -> bytes:
    """What is no text is written as JSON."""
    pairs = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in arguments.items()
    }
    return urlencode(pairs).encode()


def _reason(answer) -> str:
    """Slack says ``error``, Telegram ``description``."""
    if not isinstance(answer, dict):
        return "no JSON object"
    return str(answer.get("error") or answer.get("description") or "not ok")[:200]
