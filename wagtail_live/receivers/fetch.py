"""Requests to platforms: downloads of images, and calls of web APIs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from http.client import HTTPResponse
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from django.utils.translation import gettext as _

from .. import outbound
from ..images import MAX_FILE_SIZE, find_format
from ..outbound import RequestFailed

TOTAL_TIMEOUT = 30.0  # seconds
FORMAT_SIZE = 16  # bytes that show the format of an image
API_TIMEOUT = 10  # seconds
MAX_JSON_SIZE = 2**20  # bytes
# Of Slack and of Telegram.
FINAL_REASONS = ("file_deleted", "file is too big")
REDIRECTS = {301, 302, 303, 307, 308}
RETRIED_STATUSES = {408, 425, 429}
# Sent by hosts that don't know the type, such as Telegram; the content decides.
UNNAMED_TYPES = {"application/octet-stream", "binary/octet-stream"}


class Fetcher:
    """Downloads images from some hosts; ``read`` decides what else a subclass accepts.

    ``trust_loopback`` is for tests, whose hosts are small servers: it allows plain HTTP
    to 127.0.0.1. No setting turns it on. ``trusted_url`` is the URL of a platform in the
    settings, which may be in the site's own network.
    """

    accept = "image/*"

    def __init__(
        self,
        allowed_hosts: Iterable[str],
        *,
        trust_loopback: bool = False,
        trusted_url: str = "",
    ):
        self.allowed_hosts = {host.lower() for host in allowed_hosts}
        self.trusted_url = trusted_url
        self.trust_loopback = trust_loopback
        self.total_timeout = TOTAL_TIMEOUT

    def __call__(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """Return the image. Raise ``RequestFailed`` if there is none. One redirect is
        followed; only the first host gets the ``headers``."""
        deadline = time.monotonic() + self.total_timeout
        return self._get(url, headers or {}, deadline, may_redirect=True)

    def _get(
        self, url: str, headers: Mapping, deadline: float, *, may_redirect: bool
    ) -> bytes:
        parts = self._check(url)
        own = {"Accept": self.accept, "Accept-Encoding": "identity"}
        with outbound.send(
            url,
            headers={**headers, **own},
            timeout=deadline - time.monotonic(),
            is_trusted=self._is_trusted(parts),
        ) as response:
            if not may_redirect or response.status not in REDIRECTS:
                return self.read(response)
            target = urljoin(url, response.headers.get("Location", ""))
        if self._check(target).netloc != parts.netloc:
            headers = {}
        return self._get(target, headers, deadline, may_redirect=False)

    def read(self, response: HTTPResponse) -> bytes:
        """Return the body of the last response."""
        check_response(response, ("image/",))
        data = response.read(FORMAT_SIZE)
        if len(data) < FORMAT_SIZE or find_format(data):  # no other file is downloaded
            data += outbound.read(response, MAX_FILE_SIZE)
        if find_format(data) is None:
            raise RequestFailed(_("The file is not an image."), is_final=True)
        return data

    def _check(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            reason = _("The image URL is not valid.")
            raise RequestFailed(reason, is_final=True) from None
        if self._is_trusted(parts):
            return parts
        if parts.scheme != "https" or "@" in parts.netloc or port not in (None, 443):
            reason = _("Images are downloaded over HTTPS only.")
            raise RequestFailed(reason, is_final=True)
        if host not in self.allowed_hosts:
            reason = _("Images from this host are not allowed.")
            raise RequestFailed(reason, is_final=True)
        return parts

    def _is_trusted(self, parts: SplitResult) -> bool:
        if self.trusted_url:
            trusted = urlsplit(self.trusted_url)
            if (parts.scheme, parts.netloc) == (trusted.scheme, trusted.netloc):
                return True
        is_loopback = parts.scheme == "http" and parts.hostname == "127.0.0.1"
        return self.trust_loopback and is_loopback


def check_response(response: HTTPResponse, types: tuple[str, ...]) -> None:
    """Raise ``RequestFailed`` for an error, and for a file whose type begins with none of
    ``types``."""
    status = response.status
    if status != 200:
        is_final = 300 <= status < 500 and status not in RETRIED_STATUSES
        reason = _("The host responded with %(status)s.") % {"status": status}
        raise RequestFailed(reason, is_final=is_final)
    mime_type = response.headers.get_content_type()
    if not mime_type.startswith(types) and mime_type not in UNNAMED_TYPES:
        is_image = types == ("image/",)
        reason = (
            _("The file is not an image (%(type)s).")
            if is_image
            else _("The file is neither a video nor audio (%(type)s).")
        )
        raise RequestFailed(reason % {"type": mime_type[:50]}, is_final=True)


class ApiFailed(RequestFailed):
    """A platform has refused a request. The message is the reason it gives."""


class WebApi:
    """Calls methods of the API at ``base_url``, which accept form data and return JSON.
    ``headers`` and the URL may hold a token."""

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
            _status, result = outbound.request_json(
                f"{self._base_url}/{method}",
                method="POST",
                body=urlencode(form).encode(),
                headers=content_type | self._headers,
                timeout=API_TIMEOUT,
                max_size=MAX_JSON_SIZE,
                is_trusted=True,  # from the settings
            )
        except RequestFailed as failed:
            raise ApiFailed(f"{method}: {failed}") from None
        if not isinstance(result, dict):
            raise ApiFailed(f"{method}: The response is not a JSON object.")
        if result.get("ok") is not True:
            # Slack says ``error``, Telegram ``description``.
            reason = result.get("error") or result.get("description") or "not ok"
            reason = str(reason)[:200]
            is_final = any(final in reason for final in FINAL_REASONS)
            raise ApiFailed(f"{method}: {reason}", is_final=is_final)
        return result
