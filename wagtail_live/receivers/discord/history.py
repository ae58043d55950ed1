"""Messages that were written in a Discord channel while ``live_listen`` did not run.

docs.discord.com/developers/resources/message#get-channel-messages,
docs.discord.com/developers/topics/rate-limits
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from ... import __version__, cursors, outbound
from ..base import get_dicts, get_str
from ..fetch import API_TIMEOUT, ApiFailed
from .events import id_at, is_id

API_URL = "https://discord.com/api/v10"
# Only this form is allowed: docs.discord.com/developers/reference#user-agent.
USER_AGENT = f"DiscordBot (https://wagtail.org, {__version__})"
MAX_AGE = timedelta(days=1)
PAGE_SIZE = 100
MAX_PAGES = 20
MAX_RESPONSE_SIZE = 2**23  # bytes of a response
MAX_ATTEMPTS = 5
MAX_WAIT = 30.0  # seconds
TOO_MANY_REQUESTS = 429


class History:
    """The messages of channels, read with the bot's token."""

    def __init__(self, token: str, url: str = API_URL):
        self._url = url
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": USER_AGENT}

    def messages_after(self, external_id: str, message_id: str) -> Iterator[dict]:
        """Yield the messages after this one, oldest first, up to a day old."""
        path = f"/channels/{external_id}"
        # Events of the gateway name their server, messages from the API don't.
        about = self._get(path)
        guild_id = get_str(about, "guild_id") if isinstance(about, dict) else ""
        after = max(int(message_id), id_at(cursors.now() - MAX_AGE))
        for _ in range(MAX_PAGES):
            page = self._get(f"{path}/messages", after=after, limit=PAGE_SIZE)
            messages = sorted(get_dicts({"page": page}, "page"), key=_number)
            for message in messages:
                yield {**message, "guild_id": guild_id}
            if len(messages) < PAGE_SIZE:
                return
            after = _number(messages[-1])

    def _get(self, path: str, **query) -> Any:
        """Return the parsed response. Retry if that may help, because a session of the
        gateway catches up only once."""
        for _ in range(MAX_ATTEMPTS):
            pause = 1.0
            try:
                status, content = outbound.request_json(
                    f"{self._url}{path}?{urlencode(query)}",
                    headers=self._headers,
                    timeout=API_TIMEOUT,
                    max_size=MAX_RESPONSE_SIZE,
                    is_trusted=True,  # from the settings
                )
            except outbound.RequestFailed as failed:
                reason = f"Discord: {failed}"
                if failed.is_final:
                    break
            else:
                if status == 200:
                    return content
                reason = f"Discord responded with {status}."
                if status < 500 and status != TOO_MANY_REQUESTS:
                    break
                asked = content.get("retry_after") if isinstance(content, dict) else 0
                if isinstance(asked, int | float) and asked > 0:
                    pause = min(asked, MAX_WAIT)
            time.sleep(pause)
        raise ApiFailed(reason)


def _number(message: dict) -> int:
    id = get_str(message, "id")
    return int(id) if is_id(id) else 0
