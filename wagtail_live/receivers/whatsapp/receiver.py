"""WhatsApp, through the Cloud API
(developers.facebook.com/documentation/business-messaging/whatsapp/webhooks)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from urllib.parse import quote

from django.core import checks
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from ... import outbound
from ..base import (
    Attachment,
    BaseReceiver,
    Event,
    Fetch,
    Inbound,
    Rejected,
    get_str,
    is_any,
)
from ..fetch import API_TIMEOUT, MAX_JSON_SIZE, RETRIED_STATUSES, ApiFailed
from ..guide import Guide
from .events import read_payload

API_URL = "https://graph.facebook.com/v24.0"
CHALLENGE = re.compile(r"[\w.-]{1,200}", re.ASCII)
PHONE_NUMBER = re.compile(r"\+?([0-9]{6,15})")
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,128}")


def find_sender(line: str) -> str:
    """Return a phone number as WhatsApp sends it, or the id that hides it."""
    line = line.strip()
    if USER_ID.fullmatch(line):
        return line
    found = PHONE_NUMBER.fullmatch(re.sub(r"[\s()/-]", "", line))
    return found[1] if found else ""


GUIDE = Guide(
    platform="WhatsApp",
    steps=(
        _(
            "In Meta's dashboard for developers, open your site's app, and choose "
            "“WhatsApp”, “API Setup”. The phone number ID is below the number."
        ),
        _(
            "Enter the ID and the phone numbers of your reporters below, and save. Then "
            "send a message to the number."
        ),
    ),
    id_label=_("Phone number ID"),
    id_help=_(
        "The ID of the number that receives the messages, such as 106540352242922; not the "
        "number itself. For a group, its group ID."
    ),
    id_pattern=r"\s*([A-Za-z0-9_=:+/-]{6,200})\s*",
    sender_help=_(
        "Phone numbers with country code, one per line, such as +44 7700 900123. Messages "
        "from other people are ignored, because anyone can write to the number."
    ),
    find_sender=find_sender,
    has_threads=False,
    has_bots=False,
)


class WhatsAppReceiver(BaseReceiver):
    """Messages to numbers of a WhatsApp Business account, and to its groups. ``OPTIONS``:

    - ``app_secret``: the Meta app's, with which deliveries are signed.
    - ``verify_token``: a text of your choice, sent by Meta when you enter the URL.
    - ``access_token``: of a system user, for images, videos and audio.
    - ``api_url``: the URL of the Graph API, with its version.
    """

    methods = ("GET", "POST")
    allowed_hosts = ("lookaside.fbsbx.com",)
    secret_options = ("app_secret", "verify_token")
    requires_senders = True
    guide = GUIDE

    def authenticate(self, inbound: Inbound) -> None:
        if inbound.method == "GET":
            if not self.is_secret(
                "verify_token", inbound.query.get("hub.verify_token", "")
            ):
                raise Rejected("The verify token is missing or wrong.")
            return
        given = inbound.headers.get("X-Hub-Signature-256", "")
        secrets = self.get_secrets("app_secret")
        if not is_any([given], [sign(inbound.body, secret) for secret in secrets]):
            raise Rejected("The signature is wrong.")

    def handshake(self, inbound: Inbound) -> HttpResponse | None:
        if inbound.method != "GET":
            return None
        challenge = inbound.query.get("hub.challenge", "")
        is_subscription = inbound.query.get("hub.mode") == "subscribe"
        if not is_subscription or not CHALLENGE.fullmatch(challenge):
            raise Rejected("This is not a verification request.", 400)
        return HttpResponse(challenge, content_type="text/plain")

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        return read_payload(inbound.read_dict())

    def download(self, attachment: Attachment, fetch: Fetch) -> bytes:
        """Request the URL of a file, which is valid for five minutes."""
        answer = self._request(attachment.url)
        return fetch(get_str(answer, "url"), self._headers)

    def check(self) -> list[checks.CheckMessage]:
        messages = super().check()
        if not self.get_secrets("access_token"):
            messages.append(
                checks.Warning(
                    f"The receiver {self.name!r} has no access_token.",
                    hint="Without it, images are not copied from WhatsApp.",
                    id="wagtail_live.W033",
                )
            )
        return messages

    @property
    def _headers(self) -> dict[str, str]:
        token = next(iter(self.get_secrets("access_token")), "")
        return {"Authorization": f"Bearer {token}", "User-Agent": "wagtail-live"}

    def _request(self, media_id: str) -> dict:
        """Return what the API tells about a file. Raise ``ApiFailed`` for an error."""
        base_url = self.options.get("api_url", API_URL).rstrip("/")
        try:
            status, answer = outbound.request_json(
                f"{base_url}/{quote(media_id, safe='')}",
                headers=self._headers,
                timeout=API_TIMEOUT,
                max_size=MAX_JSON_SIZE,
                is_trusted=True,  # from the settings
            )
        except outbound.RequestFailed as failed:
            raise ApiFailed(f"media: {failed}") from None
        if status != 200 or not isinstance(answer, dict):
            is_final = 400 <= status < 500 and status not in RETRIED_STATUSES
            raise ApiFailed(f"media: {_find_reason(answer, status)}", is_final=is_final)
        return answer


def sign(body: bytes, secret: str) -> str:
    """Return the value of ``X-Hub-Signature-256`` for a body."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def _find_reason(answer, status: int) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    message = get_str(error, "message") if isinstance(error, dict) else ""
    return (message or str(status))[:200]
