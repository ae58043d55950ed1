"""Slack and Telegram fulfil the contract of receivers."""

from django.test import TestCase

from tests.receivers.fake_slack import FakeSlack
from wagtail_live.receivers.slack.receiver import SlackReceiver
from wagtail_live.receivers.telegram.receiver import TelegramReceiver
from wagtail_live.receivers.testing import ReceiverContract

SECRET = "only for the tests"
CHAT = -1001
SENT = 1_700_000_000


class SlackContractTests(ReceiverContract, TestCase):
    """S1, S9, R1, R2."""

    receiver_class = SlackReceiver
    options = {"signing_secret": SECRET}
    external_id = "C1"
    message_id = f"{SENT}.000100"
    slack = FakeSlack("", SECRET)

    def sign(self, body):
        return self.slack.sign(body)

    def create(self, message_id, text):
        return self._envelope(self._message(message_id, text), message_id)

    def edit(self, message_id, text, version):
        edited = {"user": "U1", "ts": f"{SENT + version}.000000"}
        changed = {**self._message(message_id, text), "edited": edited}
        event = {"subtype": "message_changed", "message": changed}
        return self._envelope(event, f"{SENT + version}.000200")

    def delete(self, message_id):
        event = {"subtype": "message_deleted", "deleted_ts": message_id}
        return self._envelope(event, f"{SENT + 9}.000200")

    def omit(self, message_id):
        file = {"id": "F1", "name": "a.mp4", "mimetype": "video/mp4", "mode": "hosted"}
        message = {**self._message(message_id, ""), "files": [file]}
        return self._envelope({**message, "subtype": "file_share"}, message_id)

    def _message(self, message_id, text):
        return {"type": "message", "user": "U1", "text": text, "ts": message_id}

    def _envelope(self, event, happened):
        message = {"type": "message", "channel": self.external_id, "event_ts": happened}
        return self.slack.envelope({**message, **event})


class TelegramContractTests(ReceiverContract, TestCase):
    """S1, S5, S9, R1, R2."""

    receiver_class = TelegramReceiver
    options = {"secret_token": SECRET.replace(" ", "-")}
    external_id = str(CHAT)

    def sign(self, body):
        return {"X-Telegram-Bot-Api-Secret-Token": self.options["secret_token"]}

    def create(self, message_id, text):
        return self._update("message", message_id, text=text)

    def edit(self, message_id, text, version):
        changes = {"text": text, "edit_date": SENT + version}
        return self._update("edited_message", message_id, **changes)

    def delete(self, message_id):
        """Return a ``/delete`` reply: Telegram does not report deletions."""
        command = {"type": "bot_command", "offset": 0, "length": 7}
        return self._update(
            "message",
            "99",
            text="/delete",
            entities=[command],
            reply_to_message={"message_id": int(message_id)},
        )

    def omit(self, message_id):
        return self._update("message", message_id, video={"file_id": "v"})

    def _update(self, kind, message_id, **content):
        message = {
            "message_id": int(message_id),
            "date": SENT,
            "chat": {"id": CHAT, "type": "supergroup"},
            "from": {"id": 7, "is_bot": False, "first_name": "Ann"},
            **content,
        }
        return {"update_id": content.get("edit_date", SENT), kind: message}
