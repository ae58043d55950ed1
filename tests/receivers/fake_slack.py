"""A Slack workspace that signs, delivers, retries and serves files as Slack does.

docs.slack.dev/apis/events-api (envelope, three seconds, three retries),
docs.slack.dev/reference/events/message (shapes of messages),
docs.slack.dev/authentication/verifying-requests-from-slack (signature).
"""

import hashlib
import hmac
import json
import time
from itertools import count
from urllib.parse import urlsplit

from .fake_server import Answer, FakeServer

LOGIN_PAGE = b"<!DOCTYPE html><html><title>Sign in to Slack</title></html>"
RETRIES = 3


class FakeSlack(FakeServer):
    """The workspace. ``url_of_app`` receives the events, ``patience`` is Slack's
    timeout of three seconds. The first retry is immediate; the others follow when
    nothing else is under way, instead of after minutes."""

    team_id = "T1"
    api_app_id = "A1"

    def __init__(self, url_of_app, secret, *, bot_token="xoxb-canary", patience=3.0):
        super().__init__()
        self.url_of_app = url_of_app
        self.secret = secret
        self.bot_token = bot_token
        self.patience = patience
        self.pause = 0.0
        self.files: dict[str, tuple[bytes, str]] = {}
        self.told: dict[str, dict] = {}
        self.errors: dict[str, str] = {}
        self.people = {"U1": "Ann", "U2": "Bob"}
        self._numbers = count(1)

    def send(self, event: dict) -> list[int]:
        """Deliver an event, retry as Slack does, and return the statuses."""
        body = json.dumps(self.envelope(event)).encode()
        statuses = []
        for number in range(1 + RETRIES):
            headers = self.sign(body)
            if number:
                reason = "http_error" if statuses[-1] else "http_timeout"
                headers["X-Slack-Retry-Num"] = str(number)
                headers["X-Slack-Retry-Reason"] = reason
            if number > 1:
                self.wait_for_rest()
            delivery = self.deliver(self.url_of_app, body, headers, self.patience)
            statuses.append(delivery.status)
            if delivery.arrived:
                break
        return statuses

    def sign(self, body: bytes, timestamp: int | str | None = None) -> dict[str, str]:
        timestamp = int(time.time()) if timestamp is None else timestamp
        signed = b"v0:%s:%s" % (str(timestamp).encode(), body)
        digest = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": f"v0={digest}",
        }

    def envelope(self, event: dict) -> dict:
        return {
            "token": "deprecated",
            "team_id": self.team_id,
            "api_app_id": self.api_app_id,
            "type": "event_callback",
            "event_id": f"Ev{next(self._numbers)}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": self.team_id, "user_id": "U9"}],
            "event": event,
        }

    def timestamp(self) -> str:
        """Return a new timestamp, which identifies a message within its channel."""
        return f"{int(time.time())}.{next(self._numbers):06}"

    def message(self, channel: str, text: str, **more) -> dict:
        timestamp = self.timestamp()
        return {
            "type": "message",
            "channel": channel,
            "channel_type": "channel",
            "user": "U1",
            "text": text,
            "ts": timestamp,
            "event_ts": timestamp,
            **more,
        }

    def edited(self, message: dict, text: str, **more) -> dict:
        """Return the event for an edit of the message."""
        timestamp = self.timestamp()
        edited = {"user": message.get("user"), "ts": timestamp}
        return self._changed(
            message,
            {**_without_channel(message), "text": text, "edited": edited, **more},
        )

    def unfurled(self, message: dict) -> dict:
        """Return the event for a link preview, which is not an edit."""
        attachments = [{"title": "unfurled"}]
        return self._changed(
            message, {**_without_channel(message), "attachments": attachments}
        )

    def deleted(self, message: dict) -> dict:
        timestamp = self.timestamp()
        return {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "channel": message["channel"],
            "deleted_ts": message["ts"],
            "ts": timestamp,
            "event_ts": timestamp,
            "previous_message": _without_channel(message),
        }

    def file(self, name: str, content: bytes, mimetype: str) -> dict:
        """Upload a file and return its description in a message."""
        id = f"F{next(self._numbers)}"
        path = f"/files-pri/{self.team_id}-{id}/{name}"
        self.files[path] = (content, mimetype)
        self.told[id] = {
            "id": id,
            "name": name,
            "title": name,
            "mimetype": mimetype,
            "mode": "hosted",
            "is_external": False,
            "size": len(content),
            "url_private": f"https://files.slack.com{path}",
        }
        return self.told[id]

    def clip(self, name: str, content: bytes, mimetype: str, **more) -> dict:
        """Upload a video or audio, which has a URL of its own for downloads."""
        file = self.file(name, content, mimetype)
        path = urlsplit(file["url_private"]).path
        download = path.replace(f"/{name}", f"/download/{name}")
        self.files[download] = self.files.pop(path)
        url = f"https://files.slack.com{download}"
        return {**file, "url_private_download": url, "duration_ms": 12500, **more}

    def frame(self, content: bytes) -> dict:
        """Return the fields of a video with the frame that Slack has made of it."""
        path = f"/files-tmb/{self.team_id}-{next(self._numbers)}/frame.jpeg"
        self.files[path] = (content, "image/jpeg")
        url = f"https://files.slack.com{path}"
        return {"thumb_video": url, "thumb_video_w": 1280, "thumb_video_h": 720}

    def answer(self, call):
        time.sleep(self.pause)
        if call.path.startswith(("/files-pri/", "/files-tmb/")):
            return self._file(call)
        if call.headers.get("authorization") != f"Bearer {self.bot_token}":
            return Answer.json({"ok": False, "error": "invalid_auth"})
        if error := self.errors.get(call.path.removeprefix("/api/")):
            return Answer.json({"ok": False, "error": error})
        if call.path == "/api/users.list":
            return self._people(call.arguments.get("cursor"))
        if call.path == "/api/files.info":
            return Answer.json({"ok": True, "file": self.told[call.arguments["file"]]})
        return Answer.json({"ok": True})

    def _file(self, call):
        """Return a file; without the token, Slack answers 200 with its login page."""
        if call.headers.get("authorization") != f"Bearer {self.bot_token}":
            return Answer(200, LOGIN_PAGE, {"Content-Type": "text/html"})
        content, mimetype = self.files[call.path]
        return Answer(200, content, {"Content-Type": mimetype})

    def _people(self, cursor):
        """Return one person per page."""
        ids = sorted(self.people)
        position = int(cursor or 0)
        profile = {"display_name": "", "real_name": self.people[ids[position]]}
        members = [{"id": ids[position], "name": "x", "profile": profile}]
        following = str(position + 1) if position + 1 < len(ids) else ""
        metadata = {"next_cursor": following}
        return Answer.json(
            {"ok": True, "members": members, "response_metadata": metadata}
        )

    def _changed(self, message, changed):
        timestamp = self.timestamp()
        return {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": message["channel"],
            "ts": timestamp,
            "event_ts": timestamp,
            "message": changed,
            "previous_message": _without_channel(message),
        }


def _without_channel(message):
    outer = ("channel", "channel_type", "event_ts")
    return {key: value for key, value in message.items() if key not in outer}
