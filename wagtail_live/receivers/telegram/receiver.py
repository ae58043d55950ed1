"""Telegram, by the webhook of a bot (core.telegram.org/bots/api#setwebhook)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from django.core import checks
from django.http import HttpResponse, JsonResponse

from ..base import Attachment, BaseReceiver, Event, Fetch, Inbound, Rejected
from ..shapes import get_dict, get_id, get_str
from ..web_api import WebApi
from .events import MESSAGES, author_of, command_of, read_update

SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")


class TelegramReceiver(BaseReceiver):
    """Messages of the groups and channels that a Telegram bot is in. ``OPTIONS``:

    - ``secret_token``: what Telegram sends with each update, of 1 to 256 letters, digits,
      ``_`` and ``-``. Of several the first is set by ``manage.py live_webhook set``.
    - ``bot_token``: ``123456:…``, for pictures and for ``manage.py live_webhook``.
    - ``allowed_senders``: the ids of whom the bot tells the id of a chat, when they
      write ``/id`` there.
    - ``api_url``: where the Bot API is, ``https://api.telegram.org``.
    """

    secret_options = ("secret_token",)

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        return (urlsplit(self._api_url).hostname or "",)

    def authenticate(self, inbound: Inbound) -> None:
        given = inbound.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not self.is_secret("secret_token", given):
            raise Rejected("The secret token is missing or wrong.")

    def handshake(self, inbound: Inbound) -> HttpResponse | None:
        """Tells the id of a chat. An update may be answered with a call of a method
        (core.telegram.org/bots/api#making-requests-when-getting-updates), so that
        nothing is sent to anybody unasked."""
        update = _read_update(inbound)
        for kind in MESSAGES:
            message = get_dict(update, kind)
            if command_of(message) == "/id" and self._is_allowed(message):
                chat = get_id(get_dict(message, "chat"), "id")
                answer = {"method": "sendMessage", "chat_id": chat, "text": chat}
                return JsonResponse(answer)
        return None

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        yield read_update(_read_update(inbound))

    def download(self, attachment: Attachment, fetch: Fetch) -> bytes:
        """Telegram tells where a file of at most 20 MB is; the address has the token."""
        answer = self.api.call("getFile", file_id=attachment.url)
        path = quote(get_str(get_dict(answer, "result"), "file_path"))
        return fetch(f"{self._api_url}/file/bot{self._token}/{path}")

    def set_webhook(self, url: str) -> None:
        """Let Telegram send what is written to this address."""
        secret, *_ = self.get_secrets("secret_token")
        self.api.call(
            "setWebhook", url=url, secret_token=secret, allowed_updates=MESSAGES
        )

    def get_webhook(self) -> dict:
        """What Telegram says of the webhook: its address, what waits, what failed."""
        return get_dict(self.api.call("getWebhookInfo"), "result")

    def delete_webhook(self) -> None:
        self.api.call("deleteWebhook")

    def check(self) -> list[checks.CheckMessage]:
        messages = super().check()
        secrets = self.get_secrets("secret_token")
        if not all(SECRET_TOKEN.fullmatch(secret) for secret in secrets):
            messages.append(
                checks.Error(
                    f"Telegram would refuse the secret_token of {self.name!r}.",
                    hint="Use 1 to 256 letters, digits, underscores and hyphens.",
                    id="wagtail_live.E033",
                )
            )
        if not self._token:
            messages.append(
                checks.Warning(
                    f"The receiver {self.name!r} has no bot_token.",
                    hint="Without it, pictures stay in Telegram, and the webhook cannot "
                    "be set.",
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

    def _is_allowed(self, message: dict) -> bool:
        allowed = map(str, self.options.get("allowed_senders") or ())
        return author_of(message).id in allowed


def _read_update(inbound: Inbound) -> dict:
    update = inbound.read_json()
    return update if isinstance(update, dict) else {}
