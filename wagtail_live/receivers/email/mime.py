"""A raw e-mail (RFC 5322), read by Python's own parser."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import NamedTuple

from .mail import File


class Parts(NamedTuple):
    """The parts of an e-mail, and its headers in their order."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    files: tuple[File, ...]


def read_mime(raw: bytes) -> Parts:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    headers = [(name, str(value)) for name, value in message.raw_items()]
    shown = message.get_body(("plain",)), message.get_body(("html",))
    text, html = (_read_text(part) for part in shown)
    files = tuple(_read_file(part) for part in _find_files(message, shown))
    return Parts(headers, text, html, files)


def get_header(raw: bytes, name: str) -> str:
    """Return a decoded header, such as the subject; as it was written if it is not valid."""
    message = BytesParser(policy=policy.default).parsebytes(raw, headersonly=True)
    try:
        return str(message.get(name, ""))
    except Exception:  # of the parser, for odd headers
        written = (value for key, value in message.raw_items() if key.lower() == name)
        return str(next(written, ""))


def _find_files(message: EmailMessage, shown) -> list[EmailMessage]:
    parts = [part for part in message.walk() if not part.is_multipart()]
    return [part for part in parts if not any(part is one for one in shown)]


def _read_text(part: EmailMessage | None) -> str:
    if part is None:
        return ""
    content = part.get_payload(decode=True) or b""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a charset that Python doesn't know
        return content.decode("utf-8", "replace")


def _read_file(part: EmailMessage) -> File:
    return File(
        content=part.get_payload(decode=True) or b"",
        name=part.get_filename() or "",
        mime_type=part.get_content_type(),
        content_id=str(part.get("Content-ID", "")).strip(),
    )
