"""Calls of a platform's API; errors leave out the secrets in them."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from .. import outbound

TIMEOUT = 10  # seconds
LARGEST = 2**20  # bytes of a response


class ApiFailed(outbound.RequestFailed):
    """A platform didn't do what it was asked. The message is the reason it gives."""


class WebApi:
    """The methods of the API at ``base_url``. Each takes a form, which all methods of all
    platforms do, and returns JSON. ``headers`` and the URL may hold a token."""

    def __init__(self, base_url: str, headers: dict[str, str] | None = None):
        self._base_url = base_url.rstrip("/")
        self._headers = headers or {}

    def call(self, method: str, **arguments) -> dict:
        """Call a method; raise ``ApiFailed`` for an error or no response."""
        form = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in arguments.items()
        }
        content_type = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            _, result = outbound.request_json(
                f"{self._base_url}/{method}",
                method="POST",
                body=urlencode(form).encode(),
                headers=content_type | self._headers,
                timeout=TIMEOUT,
                most=LARGEST,
                is_trusted=True,  # it is from the settings
            )
        except outbound.RequestFailed as failed:
            raise ApiFailed(f"{method}: {failed}") from None
        if not isinstance(result, dict):
            raise ApiFailed(f"{method}: The response is not a JSON object.")
        if result.get("ok") is not True:
            # Slack says ``error``, Telegram ``description``.
            reason = result.get("error") or result.get("description") or "not ok"
            raise ApiFailed(f"{method}: {str(reason)[:200]}")
        return result
