"""Mattermost, through outgoing webhooks
(docs.mattermost.com/developers/integrate/webhooks/outgoing).

Other servers with outgoing webhooks in the shape of Slack's can send here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from django.core import checks
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ... import outbound
from ..base import (
    Attachment,
    Author,
    BaseReceiver,
    Event,
    Fetch,
    Ignored,
    Inbound,
    Rejected,
    Upsert,
    get_id,
    get_int,
    get_str,
)
from ..content import Content
from ..fetch import API_TIMEOUT, MAX_JSON_SIZE, RETRIED_STATUSES, ApiFailed, Fetcher
from ..guide import Guide
from .text import from_mattermost

FILE_ID = re.compile(r"[A-Za-z0-9]{1,64}")
SECONDS = re.compile(r"([0-9]{1,15})(?:\.[0-9]+)?")
MILLISECONDS = 10**11  # a timestamp above this is in milliseconds
GUIDE = Guide(
    platform="Mattermost",
    steps=(
        gettext_lazy(
            "In Mattermost, choose “Integrations” in the product menu, then “Outgoing "
            "Webhooks”. If there is none for your channel, add one with the URL below, "
            "without trigger words. Its token belongs in the site's settings."
        ),
        gettext_lazy(
            "Open the channel, and choose “View Info”. The channel ID is at the bottom."
        ),
        gettext_lazy(
            "Enter the ID below and save. Then write a message in the channel."
        ),
    ),
    id_label=gettext_lazy("Channel ID"),
    id_help=gettext_lazy(
        "26 letters and digits, such as hawos4dqtby53pd64o4a4cmeoo; not the name, such as "
        "~sport. The channel must be public."
    ),
    id_pattern=r"\s*([A-Za-z0-9]{6,64})\s*",
    sender_help=gettext_lazy(
        "User IDs, one per line. They are listed under Connections, “Authors”, after a "
        "first message. Leave empty to allow everyone in the channel."
    ),
    has_threads=False,
    has_bots=False,
)


class MattermostReceiver(BaseReceiver):
    """Messages of public channels of a Mattermost server. ``OPTIONS``:

    - ``token``: of the outgoing webhook, or a list of several.
    - ``url``: the server's, such as ``https://chat.example.org``, for files.
    - ``bot_token``: of a bot that is in the channels, for files.
    """

    secret_options = ("token",)
    guide = GUIDE

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        return (urlsplit(self._url).hostname or "",)

    def authenticate(self, inbound: Inbound) -> None:
        if not self.is_secret("token", get_str(read_payload(inbound), "token")):
            raise Rejected("The token is missing or wrong.")

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        yield read_message(read_payload(inbound), has_files=self._has_files)

    def describe(self, attachment: Attachment) -> Attachment:
        """Request the type of a file, of which a message only has the ID."""
        info = self._request(f"files/{attachment.url}/info")
        return replace(
            attachment,
            name=get_str(info, "name"),
            mime_type=get_str(info, "mime_type").partition(";")[0],
            size=max(0, get_int(info, "size")),
            width=get_int(info, "width"),
            height=get_int(info, "height"),
        )

    def download(self, attachment: Attachment, fetch: Fetch) -> bytes:
        return fetch(f"{self._url}/api/v4/files/{attachment.url}", self._headers)

    def get_fetcher(self) -> Fetcher:
        """Allow the server in the settings, which may be in the site's own network."""
        return Fetcher(self.allowed_hosts, trusted_url=self._url)

    def check(self) -> list[checks.CheckMessage]:
        messages = super().check()
        if not self._has_files:
            messages.append(
                checks.Warning(
                    f"The receiver {self.name!r} has no url or no bot_token.",
                    hint="Without them, images are not copied from Mattermost.",
                    id="wagtail_live.W033",
                )
            )
        return messages

    @property
    def _has_files(self) -> bool:
        return bool(self._url and self.get_secrets("bot_token"))

    @property
    def _url(self) -> str:
        return self.options.get("url", "").rstrip("/")

    @property
    def _headers(self) -> dict[str, str]:
        token = next(iter(self.get_secrets("bot_token")), "")
        return {"Authorization": f"Bearer {token}"}

    def _request(self, path: str) -> dict:
        """Return the answer of the API. Raise ``ApiFailed`` for an error."""
        try:
            status, answer = outbound.request_json(
                f"{self._url}/api/v4/{path}",
                headers=self._headers,
                timeout=API_TIMEOUT,
                max_size=MAX_JSON_SIZE,
                is_trusted=True,  # from the settings
            )
        except outbound.RequestFailed as failed:
            raise ApiFailed(f"files: {failed}") from None
        answer = answer if isinstance(answer, dict) else {}
        if status != 200:
            reason = (get_str(answer, "message") or str(status))[:200]
            is_final = 400 <= status < 500 and status not in RETRIED_STATUSES
            raise ApiFailed(f"files: {reason}", is_final=is_final)
        return answer


def read_payload(inbound: Inbound) -> dict:
    """Return the fields of JSON or of a form. Raise ``Rejected`` with 400 for another body."""
    if inbound.body.lstrip()[:1] in (b"{", b"["):
        return inbound.read_dict()
    try:
        pairs = parse_qsl(
            inbound.body.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=100,
        )
    except ValueError:
        raise Rejected("The body is neither JSON nor a form.", 400) from None
    return dict(pairs)


def read_message(payload: dict, *, has_files: bool) -> Event:
    """Return the event of a message, which has no id in Slack."""
    timestamp = get_id(payload, "timestamp")
    names = "post_id", "message_id"
    found = [get_id(payload, name) for name in names]
    message_id = next(filter(None, [*found, timestamp]), "")
    external_id = get_id(payload, "channel_id")
    if not message_id or not external_id:
        return Ignored(message_id, "The message has no id or channel.")
    content = Content(body=list(from_mattermost(_find_text(payload))))
    _read_files(content, payload, has_files)
    if not content:
        return Ignored(message_id, "The message has no text or file.")
    return Upsert(
        delivery_id=message_id,
        external_id=external_id,
        message_id=message_id,
        version=(0,),  # an edit is not sent
        sent_at=_read_time(timestamp),
        author=Author(get_id(payload, "user_id"), get_str(payload, "user_name")),
        **content.as_fields(),
    )


def _find_text(payload: dict) -> str:
    """Return the text without a trigger word such as ``!live``, which isn't meant for readers."""
    text, word = get_str(payload, "text"), get_str(payload, "trigger_word")
    is_sign = bool(word) and not word[0].isalnum()
    if is_sign and text.startswith(word):
        return text[len(word) :].lstrip()
    return text


def _read_files(content: Content, payload: dict, has_files: bool) -> None:
    given = payload.get("file_ids")
    ids = given.split(",") if isinstance(given, str) else given
    for id in ids if isinstance(ids, list) else ():
        if not isinstance(id, str) or not FILE_ID.fullmatch(id):
            continue
        if has_files:
            content.attachments.append(Attachment(id=id, url=id))
        else:
            content.omit(_("file"))


def _read_time(timestamp: str) -> datetime | None:
    found = SECONDS.fullmatch(timestamp)
    if found is None:
        return None
    seconds = int(found[1])
    if seconds >= MILLISECONDS:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**37 else None
