"""Telegram, through the webhook of a bot (core.telegram.org/bots/api#setwebhook)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from django.core import checks
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from ..base import (
    Attachment,
    BaseReceiver,
    Event,
    Fetch,
    Inbound,
    Rejected,
    get_dict,
    get_id,
    get_str,
)
from ..fetch import WebApi
from ..guide import Guide
from .events import MESSAGES, author_of, command_of, read_update

SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")
GUIDE = Guide(
    platform="Telegram",
    steps=(
        _(
            "In Telegram, add the bot of your site to the group, or make it an "
            "administrator of the channel."
        ),
        _(
            "Write a message there. The chat is then listed under Connections, with a "
            "button that connects it."
        ),
        _("Or enter its ID below and save. Then write another message in the chat."),
    ),
    id_label=_("Chat ID"),
    id_help=_(
        "For groups and channels a negative number, such as -1001234567890; not the name, "
        "such as @sport. A link from the browser version of Telegram works, too."
    ),
    id_pattern=r"\s*(?:https://web\.telegram\.org/\S*#)?(-?[0-9]{3,})\s*",
    sender_help=_(
        "User IDs, one per line, such as 7654321. They are listed under Connections, "
        "“Authors”, after a first message. Leave empty to allow everyone."
    ),
    has_threads=False,
    has_bots=False,  # Telegram doesn't send the messages of one bot to another
)


class TelegramReceiver(BaseReceiver):
    """Messages of the groups and channels that a Telegram bot is in. ``OPTIONS``:

    - ``secret_token``: sent by Telegram with each update; 1 to 256 letters, digits, ``_``
      and ``-``. ``manage.py live_webhook set`` sets the first of several.
    - ``bot_token``: ``123456:…``, for images and for ``manage.py live_webhook``.
    - ``allowed_senders``: the ids of people to whom the bot sends the id of a chat, when
      they write ``/id`` there.
    - ``api_url``: the URL of the Bot API, ``https://api.telegram.org`` by default.
    """

    secret_options = ("secret_token",)
    guide = GUIDE

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        return (urlsplit(self._api_url).hostname or "",)

    def authenticate(self, inbound: Inbound) -> None:
        given = inbound.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not self.is_secret("secret_token", given):
            raise Rejected("The secret token is missing or wrong.")

    def handshake(self, inbound: Inbound) -> HttpResponse | None:
        """Respond to ``/id`` with the id of the chat. The response to an update may call a
        method (core.telegram.org/bots/api#making-requests-when-getting-updates)."""
        update = inbound.read_dict()
        allowed = [str(id) for id in self.options.get("allowed_senders") or ()]
        for kind in MESSAGES:
            message = get_dict(update, kind)
            if command_of(message) == "/id" and author_of(message).id in allowed:
                chat = get_id(get_dict(message, "chat"), "id")
                call = {"method": "sendMessage", "chat_id": chat, "text": chat}
                return JsonResponse(call)
        return None

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        yield read_update(inbound.read_dict())

    def download(self, attachment: Attachment, fetch: Fetch) -> bytes:
        """Request the path of a file, at most 20 MB. Its URL contains the token."""
        file = get_dict(self.api.call("getFile", file_id=attachment.url), "result")
        path = quote(get_str(file, "file_path"))
        return fetch(f"{self._api_url}/file/bot{self._token}/{path}")

    def set_webhook(self, url: str) -> None:
        """Make Telegram send updates to this URL."""
        secret, *_ = self.get_secrets("secret_token")
        self.api.call(
            "setWebhook", url=url, secret_token=secret, allowed_updates=MESSAGES
        )

    def get_webhook(self) -> dict:
        """Return Telegram's status of the webhook, with its URL and last error."""
        return get_dict(self.api.call("getWebhookInfo"), "result")

    def delete_webhook(self) -> None:
        self.api.call("deleteWebhook")

    def check(self) -> list[checks.CheckMessage]:
        messages = super().check()
        secrets = self.get_secrets("secret_token")
        if not all(SECRET_TOKEN.fullmatch(secret) for secret in secrets):
            messages.append(
                checks.Error(
                    f"The secret_token of {self.name!r} is not valid in Telegram.",
                    hint="Use 1 to 256 letters, digits, underscores and hyphens.",
                    id="wagtail_live.E033",
                )
            )
        if not self._token:
            messages.append(
                checks.Warning(
                    f"The receiver {self.name!r} has no bot_token.",
                    hint="Without it, images are not copied from Telegram, and the "
                    "webhook can't be set.",
                    id="wagtail_live.W033",
                )
            )
        return messages

    @property
    def api(self) -> WebApi:
        return WebApi(f"{self._api_url}/bot{self._token}")

    @property
    def _api_url(self) -> str:
        return self.options.get("api_url", "https://api.telegram.org").rstrip("/")

    @property
    def _token(self) -> str:
        return next(iter(self.get_secrets("bot_token")), "")
