"""A Meta app with a number of WhatsApp's Cloud API, as its documentation describes it
(developers.facebook.com/documentation/business-messaging/whatsapp): it signs and sends
deliveries, and serves files in two steps, each with the access token.
"""

import hashlib
import hmac
import json
import time
from base64 import b64encode
from itertools import count
from urllib.parse import parse_qs, urlsplit

from .fake_server import Answer, FakeServer

VERSION = "v24.0"


class FakeWhatsApp(FakeServer):
    """The Graph API and the host of its files, which is another one at Meta."""

    number = "106540352242922"

    def __init__(self, secret, token="EAA-canary"):
        super().__init__()
        self.secret = secret
        self.token = token
        self.files: dict[str, tuple[bytes, str]] = {}
        self._numbers = count(1)

    @property
    def api_url(self):
        return f"{self.url}/{VERSION}"

    def sign(self, body: bytes) -> dict[str, str]:
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": f"sha256={digest}"}

    def encode(self, *messages: dict) -> bytes:
        return json.dumps(self.delivery(*messages)).encode()

    def delivery(self, *messages: dict, **value) -> dict:
        contacts = [
            {"profile": {"name": "Ann"}, "wa_id": message["from"]}
            for message in messages
        ]
        change = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": "15550783881",
                "phone_number_id": self.number,
            },
            "contacts": contacts,
            "messages": list(messages),
            **value,
        }
        changes = [{"field": "messages", "value": change}]
        entry = [{"id": "102290129340398", "changes": changes}]
        return {"object": "whatsapp_business_account", "entry": entry}

    def message(self, kind: str, content: dict, **more) -> dict:
        number = next(self._numbers)
        return {
            "from": "447700900123",
            "id": f"wamid.{number:020}",
            "timestamp": str(int(time.time())),
            "type": kind,
            kind: content,
            **more,
        }

    def text(self, body: str, **more) -> dict:
        return self.message("text", {"body": body}, **more)

    def upload(self, content: bytes, mime_type: str, **more) -> dict:
        """Return a file as in a message."""
        id = str(2754859441498128 + next(self._numbers))
        self.files[id] = content, mime_type
        digest = b64encode(hashlib.sha256(content).digest()).decode()
        return {"id": id, "mime_type": mime_type, "sha256": digest, **more}

    def edited(self, message: dict, **content) -> dict:
        edited = {"type": message["type"], **content}
        inner = {"original_message_id": message["id"], "message": edited}
        return self.message("edit", inner, timestamp=self._later(message))

    def revoked(self, message: dict) -> dict:
        inner = {"original_message_id": message["id"]}
        return self.message("revoke", inner, timestamp=self._later(message))

    def answer(self, call):
        if call.headers.get("authorization") != f"Bearer {self.token}":
            error = {"message": "Invalid OAuth access token.", "code": 190}
            return Answer.json({"error": error}, 401)
        parts = urlsplit(call.path)
        if parts.path == "/whatsapp_business/attachments/":
            content, mime_type = self.files[parse_qs(parts.query)["mid"][0]]
            return Answer(200, content, {"Content-Type": mime_type})
        id = parts.path.removeprefix(f"/{VERSION}/")
        if id not in self.files:
            error = {"message": f"Object with ID '{id}' does not exist.", "code": 100}
            return Answer.json({"error": error}, 400)
        content, mime_type = self.files[id]
        return Answer.json(
            {
                "messaging_product": "whatsapp",
                "url": f"{self.url}/whatsapp_business/attachments/?mid={id}",
                "mime_type": mime_type,
                "file_size": str(len(content)),
                "id": id,
            }
        )

    def _later(self, message):
        return str(int(message["timestamp"]) + 1)
