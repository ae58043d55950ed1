"""What was written in a channel of Discord while nobody followed it.

docs.discord.com/developers/resources/message#get-channel-messages,
docs.discord.com/developers/topics/rate-limits
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urlsplit

from django.utils import timezone

from ... import __version__
from ..shapes import get_dict, get_dicts, get_str
from ..web_api import TIMEOUT, ApiFailed
from .events import id_at, is_id

API_URL = "https://discord.com/api/v10"
# Of this form alone: docs.discord.com/developers/reference#user-agent.
USER_AGENT = f"DiscordBot (https://wagtail.org, {__version__})"
A_DAY = timedelta(days=1)
PAGE = 100
MOST_PAGES = 20
LARGEST_ANSWER = 2**23  # bytes
MOST_TRIES = 5
LONGEST_WAIT = 30.0  # seconds
TOO_MANY_REQUESTS = 429
ANSWER = "answer"


class History:
    """Asks with the bot's token, which is in no message of ``ApiFailed``."""

    def __init__(self, token: str, url: str = API_URL):
        self._base = urlsplit(url)
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": USER_AGENT}

    def written_after(self, channel: str, message_id: str) -> Iterator[dict]:
        """The messages after this one, oldest first, and none older than a day."""
        path = f"/channels/{channel}"
        # Events of the gateway tell their server, messages that are asked for do not.
        guild = {"guild_id": get_str(get_dict(self._get(path), ANSWER), "guild_id")}
        after = max(int(message_id), id_at(timezone.now() - A_DAY))
        for _ in range(MOST_PAGES):
            answer = self._get(f"{path}/messages", after=after, limit=PAGE)
            messages = sorted(get_dicts(answer, ANSWER), key=_number)
            for message in messages:
                yield {**message, **guild}
            if len(messages) < PAGE:
                return
            after = _number(messages[-1])

    def _get(self, path: str, **query) -> dict:
        for _ in range(MOST_TRIES):
            try:
                status, answer = self._ask(f"{path}?{urlencode(query)}")
            except (OSError, HTTPException, ValueError) as error:
                raise ApiFailed(f"Discord: {type(error).__name__}") from None
            if status != TOO_MANY_REQUESTS:
                break
            time.sleep(_pause(answer))
        if status != 200:
            raise ApiFailed(f"Discord answered {status}.")
        return answer

    def _ask(self, path: str) -> tuple[int, dict]:
        """The status, and what was answered, of whatever type it is."""
        secure = self._base.scheme == "https"
        connect = HTTPSConnection if secure else HTTPConnection
        host, port = self._base.hostname or "", self._base.port
        with closing(connect(host, port, timeout=TIMEOUT)) as connection:
            connection.request("GET", self._base.path + path, headers=self._headers)
            response = connection.getresponse()
            answer = json.loads(response.read(LARGEST_ANSWER))
            return response.status, {ANSWER: answer}


def _pause(answer: dict) -> float:
    """Seconds that Discord asks to wait."""
    pause = get_dict(answer, ANSWER).get("retry_after")
    return min(pause, LONGEST_WAIT) if isinstance(pause, int | float) else 1.0


def _number(message: dict) -> int:
    id = get_str(message, "id")
    return int(id) if is_id(id) else 0
