"""A fake Telegram that queues, delivers, retries and serves files as the Bot API does.

core.telegram.org/bots/api#setwebhook (secret header), #update and #message (shapes),
#getfile (files). The updates of a chat form a queue, whose first update is retried
until it is accepted. Chats do not wait for each other.
"""

import json
import time
from collections import defaultdict
from itertools import count
from threading import Thread
from urllib.parse import urlsplit

from .fake_server import Answer, FakeServer

ATTEMPTS = 8


class FakeTelegram(FakeServer):
    """The Bot API; it sends updates to the webhook of its bot."""

    def __init__(self, token="42:canary-token", *, patience=10.0):
        super().__init__()
        self.token = token
        self.patience = patience
        self.webhook: dict = {}
        self.files: dict[str, bytes] = {}
        self.paths: dict[str, str] = {}
        self.queues: dict[int, list[dict]] = defaultdict(list)
        self._numbers = count(1)

    def queue(self, kind: str, message: dict) -> dict:
        """Append an update to the queue of its chat."""
        update = {"update_id": next(self._numbers), kind: message}
        self.queues[message["chat"]["id"]].append(update)
        return update

    def deliver_all(self) -> None:
        """Empty all queues concurrently, each in its order."""
        threads = [
            Thread(target=self._empty, args=[queue]) for queue in self.queues.values()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def send(self, update: dict) -> int:
        """Deliver an update once and return the status."""
        headers = {"Content-Type": "application/json"}
        if secret := self.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        body = json.dumps(update).encode()
        url = self.webhook["url"]
        return self.deliver(url, body, headers, self.patience).status

    def message(self, chat: int, **content) -> dict:
        return {
            "message_id": next(self._numbers),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "channel", "title": "Desk"},
            "from": {"id": 7, "is_bot": False, "first_name": "Ann"},
            **content,
        }

    def edited(self, message: dict, **content) -> dict:
        return {**message, "edit_date": int(time.time()), **content}

    def reply(self, message: dict, text: str) -> dict:
        """Return a reply, in which Telegram marks commands."""
        replied = {key: message[key] for key in ("message_id", "date", "chat")}
        command = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
        content = {"text": text, "entities": [command] * text.startswith("/")}
        chat = message["chat"]["id"]
        return self.message(chat, reply_to_message=replied, **content)

    def photo(self, content: bytes) -> list[dict]:
        """Upload a photo and return its sizes as in a message."""
        return [
            self._file(content[:10], width=90, height=60),
            self._file(content, width=1280, height=853),
        ]

    def video(self, content: bytes, thumbnail: bytes, **more) -> dict:
        """Upload a video and return it as in a message."""
        frame = self._file(thumbnail, width=320, height=180)
        size = {"width": 1280, "height": 720, "duration": 12}
        mime_type = {"mime_type": "video/mp4"}
        return self._file(content, thumbnail=frame, **{**mime_type, **size, **more})

    def voice(self, content: bytes, **more) -> dict:
        return self._file(content, duration=4, mime_type="audio/ogg", **more)

    def document(self, content: bytes, name: str, mime_type: str) -> dict:
        return self._file(content, file_name=name, mime_type=mime_type)

    def answer(self, call):
        path = urlsplit(call.path).path
        methods = {
            f"/bot{self.token}/setWebhook": self._set_webhook,
            f"/bot{self.token}/getWebhookInfo": self._webhook_info,
            f"/bot{self.token}/deleteWebhook": self._delete_webhook,
            f"/bot{self.token}/getFile": self._get_file,
            f"/bot{self.token}/sendMessage": self._result,
        }
        if method := methods.get(path):
            return method(call)
        content = self.files.get(path.removeprefix(f"/file/bot{self.token}/files/"))
        if content is not None:
            headers = {"Content-Type": "application/octet-stream"}
            return Answer(200, content, headers)
        error = {"ok": False, "error_code": 401, "description": "Unauthorized"}
        return Answer.json(error, 401)

    def _set_webhook(self, call):
        self.webhook = call.arguments
        return self._result(call)

    def _webhook_info(self, call):
        info = {"url": self.webhook.get("url", ""), "pending_update_count": 0}
        return Answer.json({"ok": True, "result": info})

    def _delete_webhook(self, call):
        self.webhook = {}
        return self._result(call)

    def _get_file(self, call):
        file_id = call.arguments["file_id"]
        default = f"files/{file_id}" if file_id in self.files else ""
        path = self.paths.get(file_id, default)
        if not path:
            description = "Bad Request: file is too big"
            return Answer.json({"ok": False, "description": description}, 400)
        found = {"file_id": file_id, "file_path": path}
        return Answer.json({"ok": True, "result": found})

    def _result(self, call):
        return Answer.json({"ok": True, "result": True})

    def _file(self, content, **more):
        number = next(self._numbers)
        self.files[f"file{number}"] = content
        return {
            "file_id": f"file{number}",
            "file_unique_id": f"unique{number}",
            "file_size": len(content),
            **more,
        }

    def _empty(self, queue):
        attempts = 0
        while queue and attempts < ATTEMPTS:
            if 200 <= self.send(queue[0]) < 300:
                queue.pop(0)
                attempts = 0
            else:
                attempts += 1
                time.sleep(0.05 * 2**attempts)
