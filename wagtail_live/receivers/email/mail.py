"""An e-mail as the providers give it, and the events that it becomes.

The Message-ID identifies an e-mail: one that arrives again changes nothing, and there are
no edits. Of a sender, only what the provider has confirmed counts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from wagtail_live.images.formats import find_format
from wagtail_live.models import ID_LENGTH
from wagtail_live.text import INVISIBLE, normalise_line

from ..base import Attachment, Author, Event, Ignored, Upsert
from ..content import Content
from ..document import Paragraph, Text
from .html import read_html
from .proof import Proof
from .text import read_text

ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\]+@[^\s@<>\"(),:;\[\]\\]+")
# Of replies and forwards, also in other languages.
PREFIX = re.compile(
    r"\A(?:(?:re|aw|antw|sv|vs|rif|fwd?|wg|tr|rv|enc)\s*:\s*)+", re.IGNORECASE
)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
IN_ANGLES = re.compile(r"<([^<>]*+)>\s*$")
MAX_FROM_LENGTH = 998  # characters of a line
UNNAMED_TYPES = {"", "application/octet-stream", "binary/octet-stream"}
SIGNATURE_TYPES = {"application/pgp-signature", "application/pkcs7-signature"}
SIGNATURE_TYPES |= {"application/x-pkcs7-signature", "application/pgp-keys"}


@dataclass(frozen=True)
class File:
    """A file of an e-mail; ``content_id`` is that of an image within its HTML."""

    content: bytes = field(repr=False)
    name: str = ""
    mime_type: str = ""
    content_id: str = ""


@dataclass(frozen=True)
class Mail:
    """An e-mail. ``sender`` is its From header; ``recipients`` are those for whom the
    provider has received it, whatever its headers say."""

    delivery_id: str
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str = ""
    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    sent_at: datetime | None = None
    is_automatic: bool = False  # such as an out-of-office reply
    proof: Proof = field(default_factory=Proof)


def read_mail(mail: Mail, *, require_proof: bool) -> Iterator[Event]:
    """Yield an event for each recipient, or one that says why the e-mail is ignored."""
    author = read_sender(mail.sender)
    reason = "The e-mail has no valid sender."
    if author is not None:
        reason = mail.proof.find_fault(author.id, is_required=require_proof)
    if mail.is_automatic:
        reason = reason or "The e-mail was sent automatically."
    if reason or author is None:
        yield Ignored(mail.delivery_id, reason)
        return
    title, content = read_content(mail)
    if not content:
        yield Ignored(mail.delivery_id, "The e-mail has no text or image.")
        return
    recipients = dict.fromkeys(map(normalise_address, mail.recipients))
    for recipient in filter(None, recipients):
        yield Upsert(
            delivery_id=mail.delivery_id,
            external_id=recipient,
            message_id=make_message_id(mail.message_id or mail.delivery_id),
            version=(0,),
            sent_at=mail.sent_at,
            author=author,
            title=title,
            **content.as_fields(),
        )


def read_sender(header: str) -> Author | None:
    """Return the sender in a From header. It must name exactly one address, also in its
    odd parts: programs don't agree on which of several is the sender's."""
    line = normalise_line(header)[:MAX_FROM_LENGTH]
    bare = QUOTED.sub("", line)
    if bare.count("@") != 1:
        return None
    found = IN_ANGLES.search(bare)
    address = normalise_address(found[1] if found else bare)
    name = line.rpartition("<")[0].strip() if found else ""
    if name.startswith('"') and name.endswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Author(address, name) if address else None


def normalise_address(address: str) -> str:
    """Return an address in lower case, and nothing for one that is not valid."""
    address = address.strip().strip("<>").lower()
    is_valid = len(address) <= ID_LENGTH and ADDRESS.fullmatch(address)
    return address if is_valid and not INVISIBLE.search(address) else ""


def make_message_id(header: str) -> str:
    """Return a Message-ID as it can be stored."""
    id = INVISIBLE.sub("", header).strip().strip("<>").strip()
    is_long = len(id) > ID_LENGTH
    return hashlib.sha256(id.encode()).hexdigest() if is_long else id


def read_content(mail: Mail) -> tuple[str, Content]:
    """Return the title and the content. A subject alone is the text."""
    title = PREFIX.sub("", normalise_line(mail.subject), count=1)
    found = read_html(mail.html) if mail.html.strip() else read_text(mail.text)
    # Such as HTML with an image alone. What it quotes, the text may quote unmarked.
    if mail.html.strip() and not found.body and not found.is_cut:
        found = found.with_body_of(read_text(mail.text))
    content = Content(body=list(found.body))
    for file in mail.files:
        cid = file.content_id.strip("<>")
        # The logo of a signature, or an image in a quoted e-mail.
        if not cid or cid not in found.cut_images:
            _read_file(content, file, found.images.get(cid, ""))
    if found.is_cut and not content:
        content.omit(_("quoted text"))
    if title and not content:
        return "", Content(body=[Paragraph((Text(title),))])
    return title, content


def _read_file(content: Content, file: File, alt: str) -> None:
    mime_type = file.mime_type.partition(";")[0].strip().lower()
    if mime_type in SIGNATURE_TYPES:
        return
    if mime_type in UNNAMED_TYPES and (found := find_format(file.content)):
        mime_type = f"image/{found.lower()}"
    name = normalise_line(file.name)
    attachment = Attachment(
        id=hashlib.sha256(file.content).hexdigest(),
        name=name,
        mime_type=mime_type,
        alt="" if alt == name else alt,
        size=len(file.content),
        content=file.content,
    )
    if mime_type.startswith("image/"):
        content.attachments.append(attachment)
    elif mime_type.startswith(("video/", "audio/")):
        is_video = mime_type.startswith("video/")
        content.attach(attachment, _("video") if is_video else _("audio"))
    else:
        content.omit(_("file"), name)
