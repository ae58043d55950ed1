"""The base class of the receivers of e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ..base import BaseReceiver, Event, Inbound
from ..guide import Guide
from .mail import Mail, normalise_address, read_mail, read_sender

MAX_BODY = 40 * 2**20  # bytes; the attachments of an e-mail are in its delivery


@dataclass(frozen=True)
class EmailGuide(Guide):
    def find_id(self, text: str) -> str:
        return find_address(text)


def find_address(line: str) -> str:
    """Return the address in what an editor entered, such as ``Ann <ann@example.org>``."""
    author = read_sender(line)
    return author.id if author else normalise_address(line)


GUIDE = EmailGuide(
    platform=_("E-mail"),
    steps=(
        _(
            "Choose an address for this page, at the domain whose e-mail your provider "
            "sends to this site. Choose one that nobody can guess."
        ),
        _(
            "Enter it below with the addresses of your reporters, and save. Then send an "
            "e-mail to it: the subject becomes the title."
        ),
    ),
    id_label=_("E-mail address"),
    id_help=_("Reporters write to it. For example match-7f3a@live.example.org."),
    id_error=_("This is not a valid e-mail address."),
    sender_help=_(
        "E-mail addresses of your reporters, one per line. E-mails from other people are "
        "ignored, because anyone can write to an address."
    ),
    find_sender=find_address,
    has_threads=False,
    has_bots=False,
)


class EmailReceiver(BaseReceiver):
    """E-mails to the addresses of a domain. A subclass for a provider authenticates its
    requests, and reads them. ``OPTIONS``:

    - ``require_proof``: ``True`` to ignore e-mails for which the provider gives no result
      of SPF or DKIM.
    """

    max_body = MAX_BODY
    requires_senders = True
    guide = GUIDE

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        is_required = self.options.get("require_proof") is True
        return read_mail(self.read(inbound), require_proof=is_required)

    def read(self, inbound: Inbound) -> Mail:
        """Return the e-mail in a request."""
        raise NotImplementedError
