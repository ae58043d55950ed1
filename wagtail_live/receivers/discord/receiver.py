"""Discord, through the gateway (docs.discord.com/developers/events/gateway)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import aclosing
from importlib.util import find_spec

from django.core import checks
from django.utils.translation import gettext_lazy as _

from ..base import BaseReceiver, Emit, Event, Inbound, Rejected
from ..guide import Guide
from .events import is_id, read_event
from .history import API_URL, History

GATEWAY_URL = "wss://gateway.discord.gg"
GUIDE = Guide(
    platform="Discord",
    steps=(
        _(
            "In Discord, make sure that the bot of your site is a member of the server and "
            "may view the channel."
        ),
        _(
            "Right-click the channel, and choose “Copy Channel ID”. If that is missing, "
            "switch on “Developer Mode” under “Advanced” in your settings."
        ),
        _("Enter the ID below and save. Then write a message in the channel."),
    ),
    id_label=_("Channel ID"),
    id_help=_(
        "A long number, such as 1234567890123456789; not the name, such as #sport. "
        "A link to the channel works, too."
    ),
    id_pattern=r"\s*(?:https://\S+/channels/[0-9]+/)?([0-9]{6,20})(?:/[0-9]*)?\s*",
    sender_help=_(
        "User IDs, one per line. In Discord, right-click a person, and choose “Copy User "
        "ID”. Leave empty to allow everyone."
    ),
    has_threads=False,
    has_webhook=False,
)


class DiscordReceiver(BaseReceiver):
    """Messages of the Discord servers of a bot, received by ``manage.py live_listen``.
    Needs the extra ``discord``. ``OPTIONS``:

    - ``bot_token``: of a bot with the message content intent.
    - ``guild_id``: ignore other servers.
    - ``gateway_url``: by default ``wss://gateway.discord.gg``.
    - ``api_url``: for missed messages, by default ``https://discord.com/api/v10``.
    """

    allowed_hosts = ("cdn.discordapp.com", "media.discordapp.net")
    secret_options = ("bot_token",)
    guide = GUIDE

    def authenticate(self, inbound: Inbound) -> None:
        raise Rejected("Discord events arrive over the gateway, not by webhook.")

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        return self.read(inbound.read_dict())

    def read(self, payload: dict) -> Iterator[Event]:
        """Return the events of a payload of the gateway."""
        guild = self.options.get("guild_id")
        message = payload.get("d")
        if guild and not (
            isinstance(message, dict) and message.get("guild_id") == str(guild)
        ):
            return iter(())
        return read_event(payload)

    async def listen(self, emit: Emit) -> None:
        from .gateway import Gateway

        url = self.options.get("gateway_url", GATEWAY_URL)
        (token, *_) = self.get_secrets("bot_token")
        async with aclosing(Gateway(token, url).events()) as payloads:
            async for payload in payloads:
                body = json.dumps(payload).encode()
                for event in self.read(payload):
                    await emit(event, body)
                if payload.get("t") == "READY":
                    await emit.catch_up()

    def fetch_missed(
        self, external_id: str, message_id: str
    ) -> Iterator[tuple[Event, bytes]]:
        (token, *_) = self.get_secrets("bot_token")
        history = History(token, self.options.get("api_url", API_URL))
        if is_id(external_id) and is_id(message_id):
            for message in history.messages_after(external_id, message_id):
                payload = {"t": "MESSAGE_CREATE", "d": message}
                for event in self.read(payload):
                    yield event, json.dumps(payload).encode()

    def check(self) -> list[checks.CheckMessage]:
        messages = super().check()
        if not find_spec("websockets"):
            messages.append(
                checks.Error(
                    f"The receiver {self.name!r} needs the package websockets.",
                    hint="Install wagtail-live[discord].",
                    id="wagtail_live.E034",
                )
            )
        return messages
