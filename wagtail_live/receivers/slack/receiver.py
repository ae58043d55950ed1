"""Slack, by the Events API (docs.slack.dev/apis/events-api)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.core import checks
from django.http import HttpResponse

from ..base import (
    Attachment,
    BaseReceiver,
    Event,
    Fetch,
    Ignored,
    Inbound,
    Outcome,
    Rejected,
)
from ..shapes import get_dict, get_str
from ..web_api import ApiFailed, WebApi
from .events import read_envelope
from .names import SlackNames

FILES_HOST = "files.slack.com"
SECONDS = re.compile(r"[0-9]{1,12}")
TOLERANCE = 300  # seconds


class SlackReceiver(BaseReceiver):
    """Messages of a Slack workspace. ``OPTIONS``:

    - ``signing_secret``: the app's.
    - ``bot_token``: ``xoxb-…``, for pictures, names and reactions.
    - ``team_id``, ``api_app_id``: ignore what comes from, or for, any other.
    - ``names``: names by the ids of people, groups and channels.
    - ``reactions``: names of emoji by what became of a message, such as
      ``{"published": "white_check_mark", "failed": "warning"}``. Why a message failed is
      said in its thread.
    - ``api_url``: where Slack's API is, ``https://slack.com/api``.
    """

    allowed_hosts = (FILES_HOST,)
    secret_options = ("signing_secret",)

    def authenticate(self, inbound: Inbound) -> None:
        """docs.slack.dev/authentication/verifying-requests-from-slack"""
        timestamp = inbound.headers.get("X-Slack-Request-Timestamp", "")
        if not SECONDS.fullmatch(timestamp):
            raise Rejected("The request has no time.")
        if abs(inbound.received_at.timestamp() - int(timestamp)) > TOLERANCE:
            raise Rejected("The request is too old, or a clock is wrong.")
        given = inbound.headers.get("X-Slack-Signature", "").encode()
        matches = [
            hmac.compare_digest(given, sign(inbound.body, timestamp, secret))
            for secret in self.get_secrets("signing_secret")
        ]
        if not any(matches):
            raise Rejected("The signature is wrong.")

    def handshake(self, inbound: Inbound) -> HttpResponse | None:
        envelope = _read_envelope(inbound)
        if envelope.get("type") != "url_verification":
            return None
        challenge = get_str(envelope, "challenge")
        return HttpResponse(challenge, content_type="text/plain")

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        envelope = _read_envelope(inbound)
        for option in ("team_id", "api_app_id"):
            expected = self.options.get(option)
            if expected and get_str(envelope, option) != expected:
                reason = f"Its {option} is not that of this receiver."
                yield Ignored(get_str(envelope, "event_id"), reason)
                return
        app_id = self.options.get("api_app_id", "")
        yield read_envelope(envelope, self.names.known(), app_id)

    def download(self, attachment: Attachment, fetch: Fetch) -> bytes:
        """Slack answers 200 with its login page where the token lacks ``files:read``;
        ``fetch`` refuses what is no picture."""
        url = attachment.url or self._ask_for_address(attachment.id)
        address = urlsplit(url)
        if (address.scheme, address.hostname) != ("https", FILES_HOST):
            return fetch(url)
        return fetch(url, self._authorization())

    def feedback(
        self, channel: str, message_id: str, outcome: Outcome, reason: str = ""
    ) -> None:
        if not self.get_secrets("bot_token"):
            return
        reactions = self.options.get("reactions") or {}
        if reaction := reactions.get(outcome):
            self._react(channel, message_id, reaction)
        if reactions and outcome == Outcome.FAILED:
            message = {"channel": channel, "thread_ts": message_id, "text": reason}
            self.api.call("chat.postMessage", **message)
        self.names.learn(self.api)

    def check(self) -> list[checks.CheckMessage]:
        messages = super().check()
        if not self.get_secrets("bot_token"):
            messages.append(
                checks.Warning(
                    f"The receiver {self.name!r} has no bot_token.",
                    hint="Without it, pictures and names stay in Slack.",
                    id="wagtail_live.W033",
                )
            )
        return messages

    @property
    def names(self) -> SlackNames:
        return SlackNames(self.name, self.options.get("names") or {})

    @property
    def api(self) -> WebApi:
        base_url = self.options.get("api_url", "https://slack.com/api")
        return WebApi(base_url, self._authorization())

    def _authorization(self) -> dict[str, str]:
        tokens = self.get_secrets("bot_token")
        return {"Authorization": f"Bearer {tokens[0]}"} if tokens else {}

    def _ask_for_address(self, file_id: str) -> str:
        """docs.slack.dev/reference/methods/files.info, for files of Slack Connect."""
        file = get_dict(self.api.call("files.info", file=file_id), "file")
        if not get_str(file, "mimetype").startswith("image/"):
            raise ApiFailed("files.info: The file is no picture.")
        return get_str(file, "url_private")

    def _react(self, channel: str, message_id: str, reaction: str) -> None:
        message = {"channel": channel, "timestamp": message_id}
        try:
            self.api.call("reactions.add", name=reaction, **message)
        except ApiFailed as failed:
            if "already_reacted" not in str(failed):
                raise


def sign(body: bytes, timestamp: str, secret: str) -> bytes:
    signed = b"v0:%s:%s" % (timestamp.encode(), body)
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"v0={digest}".encode()


def _read_envelope(inbound: Inbound) -> dict:
    envelope = inbound.read_json()
    return envelope if isinstance(envelope, dict) else {}
