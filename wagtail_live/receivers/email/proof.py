"""The sender of an e-mail, as far as the provider has confirmed it.

A From header is easily forged. SPF confirms the domain of the envelope's sender, and DKIM
that of a signature: they count only for the domain of the From header, as in DMARC
(RFC 7489, 3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SIGNING_DOMAIN = re.compile(r"(?:^|;)\s*d\s*=\s*([^\s;]+)")
Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Proof:
    """The results of the provider; ``None`` for those that it doesn't give.

    ``signing_domains`` are those of all DKIM signatures, since a provider gives one result
    for them together. ``is_author_signed`` is the result for the domain of the From header.
    """

    spf: bool | None = None
    envelope_sender: str = ""
    dkim: bool | None = None
    signing_domains: tuple[str, ...] = ()
    is_author_signed: bool | None = None
    dmarc: bool | None = None
    is_spam: bool = False

    def find_fault(self, sender: str, *, is_required: bool) -> str:
        """Return the reason not to trust that an e-mail is from the sender, or nothing."""
        if self.is_spam:
            return "The provider reports spam or a virus."
        if self.dmarc is not None:
            return "" if self.dmarc else "The sender failed DMARC."
        if {self.spf, self.dkim, self.is_author_signed} == {None}:
            return "The provider gives no SPF or DKIM result." if is_required else ""
        domain = _domain(sender)
        is_confirmed = bool(self.is_author_signed)
        if self.spf:
            is_confirmed |= is_aligned(_domain(self.envelope_sender), domain)
        if self.dkim and self.signing_domains:
            signed = self.signing_domains
            is_confirmed |= all(is_aligned(signing, domain) for signing in signed)
        return "" if is_confirmed else "Neither SPF nor DKIM confirms the sender."


def is_aligned(domain: str, other: str) -> bool:
    """Return whether two domains are the same, or one is below the other."""
    if not domain or not other:
        return False
    domain, other = f".{domain.lower()}", f".{other.lower()}"
    return domain.endswith(other) or other.endswith(domain)


def get_all(headers: Headers, name: str) -> list[str]:
    """Return the values of a header, in its order."""
    return [value for key, value in headers if key.lower() == name.lower()]


def find_signing_domains(headers: Headers) -> tuple[str, ...]:
    found = (SIGNING_DOMAIN.search(each) for each in get_all(headers, "DKIM-Signature"))
    return tuple(match[1] if match else "" for match in found)


def is_automatic(headers: Headers) -> bool:
    """Return whether no person has written the e-mail (RFC 3834)."""
    submitted = [value.strip().lower() for value in get_all(headers, "Auto-Submitted")]
    other = get_all(headers, "X-Autoreply") + get_all(headers, "X-Autorespond")
    return any(value != "no" for value in submitted) or bool(other)


def _domain(address: str) -> str:
    return address.strip().strip("<>").rpartition("@")[2]
