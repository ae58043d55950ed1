"""Postmark's inbound webhook (postmarkapp.com/developer/webhooks/inbound-webhook).

Postmark signs nothing: the URL given to it contains a user name and a password.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from datetime import datetime
from email.utils import parsedate_to_datetime

from ... import cursors
from ..base import Inbound, Rejected, get_dict, get_dicts, get_str, is_any
from .mail import File, Mail, normalise_address
from .proof import Headers, Proof, get_all, is_automatic
from .receiver import EmailReceiver

ENVELOPE_SENDER = re.compile(r"envelope-from=[\"<]?([^\s;\">]+)")
USER_NAME = "postmark"


class PostmarkReceiver(EmailReceiver):
    """E-mails to a server of Postmark. ``OPTIONS``:

    - ``password``: in the URL, ``https://postmark:<password>@www.example.org/…``.
    - ``username``: ``postmark`` by default.
    """

    secret_options = ("password",)

    def authenticate(self, inbound: Inbound) -> None:
        scheme, _, given = inbound.headers.get("Authorization", "").partition(" ")
        try:
            credentials = b64decode(given.strip(), validate=True)
        except (binascii.Error, ValueError):
            credentials = b""
        user = self.options.get("username", USER_NAME)
        expected = [f"{user}:{each}" for each in self.get_secrets("password")]
        if scheme.lower() != "basic" or not is_any([credentials], expected):
            raise Rejected("The user name or the password is wrong.", 401)

    def read(self, inbound: Inbound) -> Mail:
        message = inbound.read_dict()
        headers = [
            (get_str(header, "Name"), get_str(header, "Value"))
            for header in get_dicts(message, "Headers")
        ]
        id = get_str(message, "MessageID")
        ids = [*get_all(headers, "Message-ID"), id]
        return Mail(
            delivery_id=id,
            message_id=ids[0],
            sender=_read_sender(message),
            recipients=_read_recipients(message),
            subject=get_str(message, "Subject"),
            text=get_str(message, "TextBody"),
            html=get_str(message, "HtmlBody"),
            files=tuple(map(_read_file, get_dicts(message, "Attachments"))),
            sent_at=_read_date(get_str(message, "Date")),
            is_automatic=is_automatic(headers),
            proof=read_proof(headers),
        )


def read_proof(headers: Headers) -> Proof:
    """Return the results of Postmark's own headers, which are above those of the sender."""
    spf = next(iter(get_all(headers, "Received-SPF")), None)
    envelope_sender = ENVELOPE_SENDER.search(spf or "")
    tests = get_all(headers, "X-Spam-Tests")
    status = next(iter(get_all(headers, "X-Spam-Status")), "")
    # More than one: the sender has added some.
    found = {name.strip() for name in tests[0].split(",")} if len(tests) == 1 else set()
    return Proof(
        spf=None if spf is None else spf.strip().lower().startswith("pass"),
        envelope_sender=envelope_sender[1] if envelope_sender else "",
        is_author_signed="DKIM_VALID_AU" in found if tests else None,
        is_spam=status.strip().lower().startswith("yes"),
    )


def _read_sender(message: dict) -> str:
    full = get_dict(message, "FromFull")
    address = normalise_address(get_str(full, "Email"))
    if not address:
        return get_str(message, "From")
    name = re.sub(r'(["\\])', r"\\\1", get_str(full, "Name"))
    return f'"{name}" <{address}>'


def _read_recipients(message: dict) -> tuple[str, ...]:
    """Return the address to which the e-mail was sent, also if that is in no header."""
    if original := get_str(message, "OriginalRecipient"):
        return (original,)
    return tuple(get_str(one, "Email") for one in get_dicts(message, "ToFull"))


def _read_file(file: dict) -> File:
    try:
        content = b64decode(get_str(file, "Content"))
    except (binascii.Error, ValueError):
        content = b""
    return File(
        content=content,
        name=get_str(file, "Name"),
        mime_type=get_str(file, "ContentType"),
        content_id=get_str(file, "ContentID"),
    )


def _read_date(text: str) -> datetime | None:
    """Return the time that the sender's clock has shown, unless it is in the future."""
    try:
        sent_at = parsedate_to_datetime(text)
        is_past = sent_at.tzinfo is not None and sent_at <= cursors.now()
        return sent_at if is_past else None
    except (ValueError, TypeError, OverflowError):
        return None
