"""Slack, through the Events API (docs.slack.dev/apis/events-api)."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.core import checks
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from ..base import (
    Attachment,
    BaseReceiver,
    Event,
    Fetch,
    Ignored,
    Inbound,
    Outcome,
    Rejected,
    check_time,
    get_dict,
    get_dicts,
    get_str,
    is_any,
)
from ..fetch import ApiFailed, WebApi
from ..guide import Guide
from .events import read_deleted_files, read_envelope
from .text import Names

logger = logging.getLogger("wagtail_live.receivers")

NAMES_TIMEOUT = 7 * 24 * 60 * 60  # seconds
NAMES_INTERVAL = 60 * 60  # seconds
PAGE_SIZE = 200
MAX_PAGES = 50
FILES_HOST = "files.slack.com"
GUIDE = Guide(
    platform="Slack",
    steps=(
        _(
            "In Slack, open the channel, and write /invite followed by a space, @ and the "
            "name of your site's app. Before that, Slack sends nothing."
        ),
        _(
            "Click the name of the channel, and choose “About”. The channel ID is at the "
            "bottom."
        ),
        _("Enter the ID below and save. Then write a message in the channel."),
    ),
    id_label=_("Channel ID"),
    id_help=_(
        "For example C0123456789; not the name, such as #sport. "
        "A link that you copied from Slack works, too."
    ),
    id_pattern=r"\s*(?:https://\S+/archives/)?([A-Z][A-Z0-9]{5,})(?:[/?]\S*)?\s*",
    sender_help=_(
        "Member IDs, one per line, such as U0123456789. In Slack, open the profile of a "
        "person, and choose “Copy member ID” in the menu. Leave empty to allow everyone."
    ),
)


class SlackReceiver(BaseReceiver):
    """Messages of a Slack workspace. ``OPTIONS``:

    - ``signing_secret``: the app's.
    - ``bot_token``: ``xoxb-…``, for images, names and reactions.
    - ``team_id``, ``api_app_id``: ignore events of other workspaces and apps.
    - ``names``: names by the ids of people, groups and channels.
    - ``reactions``: names of emoji by the result of a message, such as
      ``{"published": "white_check_mark", "failed": "warning"}``. The reason for a failure
      is posted in the message's thread.
    - ``api_url``: the URL of Slack's API, ``https://slack.com/api`` by default.
    """

    allowed_hosts = (FILES_HOST,)
    secret_options = ("signing_secret",)
    keeps_message_ids = True
    guide = GUIDE

    def authenticate(self, inbound: Inbound) -> None:
        """See docs.slack.dev/authentication/verifying-requests-from-slack."""
        timestamp = inbound.headers.get("X-Slack-Request-Timestamp", "")
        check_time(inbound, timestamp)
        given = inbound.headers.get("X-Slack-Signature", "")
        secrets = self.get_secrets("signing_secret")
        if not is_any([given], [sign(inbound.body, timestamp, one) for one in secrets]):
            raise Rejected("The signature is wrong.")

    def handshake(self, inbound: Inbound) -> HttpResponse | None:
        envelope = inbound.read_dict()
        if envelope.get("type") != "url_verification":
            return None
        challenge = get_str(envelope, "challenge")
        return HttpResponse(challenge, content_type="text/plain")

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        envelope = inbound.read_dict()
        for option in ("team_id", "api_app_id"):
            expected = self.options.get(option)
            if expected and get_str(envelope, option) != expected:
                reason = f"The {option} is not that of this receiver."
                yield Ignored(get_str(envelope, "event_id"), reason)
                return
        if deleted := read_deleted_files(envelope):
            yield deleted
        app_id = self.options.get("api_app_id", "")
        yield read_envelope(envelope, self.names.known(), app_id)

    def download(self, attachment: Attachment, fetch: Fetch) -> bytes:
        """Without the scope ``files:read`` Slack responds with 200 and its login page,
        which ``fetch`` refuses."""
        url = attachment.url or self._find_url(attachment.id)
        parts = urlsplit(url)
        if (parts.scheme, parts.hostname) != ("https", FILES_HOST):
            return fetch(url)
        return fetch(url, self._authorization())

    def feedback(
        self, external_id: str, message_id: str, outcome: Outcome, reason: str = ""
    ) -> None:
        if not self.get_secrets("bot_token"):
            return
        reactions = self.options.get("reactions") or {}
        if reaction := reactions.get(outcome):
            self._react(external_id, message_id, reaction)
        if reactions and outcome == Outcome.FAILED:
            message = {"channel": external_id, "thread_ts": message_id, "text": reason}
            self.api.call("chat.postMessage", **message)
        self.names.learn(self.api)

    def check(self) -> list[checks.CheckMessage]:
        messages = super().check()
        if not self.get_secrets("bot_token"):
            messages.append(
                checks.Warning(
                    f"The receiver {self.name!r} has no bot_token.",
                    hint="Without it, images and names are not copied from Slack.",
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

    def _find_url(self, file_id: str) -> str:
        """Return the URL of a Slack Connect file
        (docs.slack.dev/reference/methods/files.info)."""
        file = get_dict(self.api.call("files.info", file=file_id), "file")
        if not get_str(file, "mimetype").startswith("image/"):
            reason = "files.info: The file is not an image."
            raise ApiFailed(reason, is_final=True)
        return get_str(file, "url_private")

    def _react(self, external_id: str, message_id: str, reaction: str) -> None:
        message = {"channel": external_id, "timestamp": message_id}
        try:
            self.api.call("reactions.add", name=reaction, **message)
        except ApiFailed as failed:
            if "already_reacted" not in str(failed):
                raise


class SlackNames:
    """Names by id, since events have only ids: those of the settings, and those of Slack,
    which are kept in the default cache and requested again after an hour."""

    def __init__(self, receiver: str, given: dict[str, str]):
        self._key = f"wagtail_live.slack_names.{receiver}"
        self._given = given

    def known(self) -> Names:
        """Return names by id, without requests to Slack."""
        return (cache.get(self._key) or {}) | self._given

    def learn(self, api: WebApi) -> None:
        """Request the names of all people (scope ``users:read``), at most once an hour."""
        if not cache.add(f"{self._key}.asked", True, NAMES_INTERVAL):
            return
        try:
            cache.set(self._key, dict(_list_names(api)), NAMES_TIMEOUT)
        except ApiFailed as failed:
            logger.warning("Could not get names from Slack: %s", failed)


def _list_names(api: WebApi) -> Iterator[tuple[str, str]]:
    """See docs.slack.dev/reference/methods/users.list."""
    cursor = ""
    for _page in range(MAX_PAGES):
        page = api.call("users.list", limit=PAGE_SIZE, cursor=cursor)
        for person in get_dicts(page, "members"):
            profile = get_dict(person, "profile")
            names = get_str(profile, "display_name"), get_str(profile, "real_name")
            if name := next(filter(None, names), get_str(person, "name")):
                yield get_str(person, "id"), name
        cursor = get_str(get_dict(page, "response_metadata"), "next_cursor")
        if not cursor:
            return


def sign(body: bytes, timestamp: str, secret: str) -> bytes:
    signed = b"v0:%s:%s" % (timestamp.encode(), body)
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"v0={digest}".encode()
