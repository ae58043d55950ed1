"""A Mattermost server: outgoing webhooks in both content types
(docs.mattermost.com/developers/integrate/webhooks/outgoing), and the files of its API
(developers.mattermost.com/api-documentation/#/operations/GetFileInfo).
"""

import json
import time
from itertools import count
from urllib.parse import urlencode

from .fake_server import Answer, FakeServer


class FakeMattermost(FakeServer):
    """The server. Form data has its time in seconds, JSON in milliseconds."""

    channel = "hawos4dqtby53pd64o4a4cmeoo"

    def __init__(self, token="zmigewsanbbsdf59xnmduzypjc", bot_token="canary-bot"):
        super().__init__()
        self.token = token
        self.bot_token = bot_token
        self.files: dict[str, tuple[bytes, dict]] = {}
        self._numbers = count(1)

    def message(self, text: str, *files: str, **more) -> dict:
        return {
            "token": self.token,
            "team_id": "kwoknj9nwpypzgzy78wkw516qe",
            "team_domain": "newsroom",
            "channel_id": self.channel,
            "channel_name": "sport",
            "timestamp": int(time.time() * 1000),
            "user_id": "rnina9994bde8mua79zqcg5hmo",
            "user_name": "ann",
            "post_id": f"axdygg1957njfe5pu38s{next(self._numbers):06}",
            "text": text,
            "trigger_word": "",
            "file_ids": ",".join(files),
            **more,
        }

    def as_json(self, message: dict) -> tuple[bytes, str]:
        return json.dumps(message).encode(), "application/json"

    def as_form(self, message: dict) -> tuple[bytes, str]:
        seconds = {"timestamp": message["timestamp"] // 1000}
        body = urlencode({**message, **seconds}).encode()
        return body, "application/x-www-form-urlencoded"

    def upload(self, content: bytes, name: str, mime_type: str) -> str:
        id = f"file{next(self._numbers):022}"
        info = {"id": id, "name": name, "size": len(content), "mime_type": mime_type}
        self.files[id] = content, info
        return id

    def answer(self, call):
        if call.headers.get("authorization") != f"Bearer {self.bot_token}":
            return self._error(401, "Invalid or expired session, please login again.")
        id, _, info = call.path.removeprefix("/api/v4/files/").partition("/")
        if id not in self.files:
            return self._error(404, "Unable to find the file.")
        content, described = self.files[id]
        if info:
            return Answer.json(described)
        return Answer(200, content, {"Content-Type": described["mime_type"]})

    def _error(self, status, message):
        error = {"id": "api.context", "message": message, "status_code": status}
        return Answer.json(error, status)
