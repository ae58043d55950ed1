"""Mailgun's inbound routes, with the action ``forward()`` and the parsed format
(documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http)."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from io import BytesIO
from typing import NamedTuple

from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import (
    MemoryFileUploadHandler,
    TemporaryFileUploadHandler,
)
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from ..base import TIME_TOLERANCE, Inbound, Rejected, check_time, is_any
from .mail import File, Mail
from .proof import Headers, Proof, find_signing_domains, get_all, is_automatic
from .receiver import EmailReceiver

MAX_BOUNDARY = 200  # bytes; RFC 2046 allows 70
SPAM = "X-Mailgun-Sflag"
SPF = "X-Mailgun-Spf"
DKIM = "X-Mailgun-Dkim-Check-Result"


class Form(NamedTuple):
    """The fields and files of a request."""

    fields: MultiValueDict
    files: MultiValueDict

    def get(self, name: str) -> str:
        return self.fields.get(name) or ""


class MailgunReceiver(EmailReceiver):
    """E-mails that match a route of Mailgun. ``OPTIONS``:

    - ``signing_key``: the HTTP webhook signing key of the account.
    """

    secret_options = ("signing_key",)

    def authenticate(self, inbound: Inbound) -> None:
        """See documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks.

        The signature is that of a token and doesn't cover the e-mail, so each token is
        accepted with one e-mail only."""
        form = read_form(inbound)
        timestamp, token = form.get("timestamp"), form.get("token")
        expected = [
            sign(timestamp, token, key) for key in self.get_secrets("signing_key")
        ]
        if not token or not is_any([form.get("signature")], expected):
            raise Rejected("The signature is wrong.")
        check_time(inbound, timestamp)
        key = hashlib.sha256(f"{self.name} {token}".encode()).hexdigest()
        key, digest = f"wagtail_live.mailgun.{key}", _digest(form)
        if not cache.add(key, digest, 2 * TIME_TOLERANCE) and cache.get(key) != digest:
            raise Rejected("The token was used for another e-mail.")

    def read(self, inbound: Inbound) -> Mail:
        form = read_form(inbound)
        headers = _read_headers(form.get("message-headers"))
        ids = [*get_all(headers, "Message-Id"), form.get("Message-Id")]
        cids = _read_json(form.get("content-id-map"))
        names = {str(name): cid for cid, name in cids.items()}
        return Mail(
            delivery_id=form.get("token"),
            message_id=ids[0],
            sender=form.get("from"),
            recipients=tuple(form.get("recipient").split(",")),
            subject=form.get("subject"),
            text=form.get("body-plain"),
            html=form.get("body-html"),
            files=tuple(
                _read_file(file, names.get(name, ""))
                for name, files in form.files.lists()
                for file in files
            ),
            sent_at=_read_time(form.get("timestamp")),
            is_automatic=is_automatic(headers),
            proof=read_proof(headers, form.get("sender")),
        )


def sign(timestamp: str, token: str, key: str) -> str:
    signed = f"{timestamp}{token}".encode("utf-8", "surrogatepass")
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def read_form(inbound: Inbound) -> Form:
    """Return the form, whose type is seen in the body: an editor replays it without headers.
    Raise ``Rejected`` with 400 for another body."""
    start = inbound.body[: MAX_BOUNDARY + 2].partition(b"\r\n")[0]
    try:
        if start.startswith(b"--"):
            return _read_multipart(inbound.body, start.removeprefix(b"--"))
        fields = QueryDict(inbound.body.decode("ascii"), encoding="utf-8")
    except (MultiPartParserError, SuspiciousOperation, ValueError):
        raise Rejected("The body is not a form.", 400) from None
    if "signature" not in fields:
        raise Rejected("The body is not a form of Mailgun.", 400)
    return Form(fields, MultiValueDict())


def read_proof(headers: Headers, envelope_sender: str) -> Proof:
    """Return the results of Mailgun's spam filter, if it is on. All must pass, because the
    sender may have added such headers."""

    def passes(name: str) -> bool | None:
        found = [value.strip().lower() for value in get_all(headers, name)]
        return all(value == "pass" for value in found) if found else None

    flags = [value.strip().lower() for value in get_all(headers, SPAM)]
    return Proof(
        spf=passes(SPF),
        envelope_sender=envelope_sender,
        dkim=passes(DKIM),
        signing_domains=find_signing_domains(headers),
        is_spam="yes" in flags,
    )


def _read_multipart(body: bytes, boundary: bytes) -> Form:
    meta = {
        "CONTENT_TYPE": f'multipart/form-data; boundary="{boundary.decode("ascii")}"',
        "CONTENT_LENGTH": len(body),
    }
    handlers = [MemoryFileUploadHandler(), TemporaryFileUploadHandler()]
    return Form(*MultiPartParser(meta, BytesIO(body), handlers, "utf-8").parse())


def _digest(form: Form) -> str:
    found = hashlib.sha256(repr(sorted(form.fields.lists())).encode())
    for name, files in sorted(form.files.lists()):
        for file in files:
            found.update(name.encode("utf-8", "surrogatepass"))
            found.update(hashlib.sha256(file.read()).digest())
    return found.hexdigest()


def _read_file(file, content_id: str) -> File:
    return File(file.read(), file.name, file.content_type or "", content_id)


def _read_headers(text: str) -> Headers:
    pairs = _read_json(text, list)
    return [
        (pair[0], pair[1])
        for pair in pairs
        if isinstance(pair, list) and len(pair) == 2 and all(map(_is_str, pair))
    ]


def _read_json(text: str, kind: type = dict):
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return kind()
    return value if isinstance(value, kind) else kind()


def _is_str(value) -> bool:
    return isinstance(value, str)


def _read_time(timestamp: str) -> datetime | None:
    is_valid = timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12
    return datetime.fromtimestamp(int(timestamp), UTC) if is_valid else None
