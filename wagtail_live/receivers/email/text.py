"""The text of an e-mail without its signature and what it quotes.

The rules are few and know no language: a line of two hyphens begins the signature, ``>``
is a quoted line, and lines such as ``----- Original message -----`` or three header lines
in a row begin the e-mail that was answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ..document import Body
from ..plain import from_plain_text

SEPARATOR = re.compile(r"\s*-{3,} ?[^-\n][^\n]{1,60}[^-\n] ?-{3,}\s*")
HEADER = re.compile(r"\s*\*?[^\W\d_][\w-]{1,15}\*?\s?:\*?\s.*\S.*")
MIN_HEADERS = 3
MAX_INTRODUCTION = 3  # lines, such as "On Monday, Ann wrote:"
# Without a line of hyphens, from phones.
MOBILE = re.compile(
    r"(?:Sent from (?:my|Mail|Outlook|Yahoo)\b|Get Outlook for\b|Von mein\w+ .{1,40} gesendet"
    r"|Gesendet (?:von|mit)\b|Envoyé (?:de|depuis|à partir)\b|Enviado (?:desde|do|de)\b"
    r"|Inviato da\b|Verzonden vanaf\b).{0,80}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """The content of an e-mail. ``images`` are the alt texts of the images within its HTML, by
    their Content-IDs; ``cut_images`` are those in what was cut."""

    body: Body = ()
    is_cut: bool = False
    images: dict[str, str] = field(default_factory=dict)
    cut_images: frozenset[str] = frozenset()

    def with_body_of(self, other: Found) -> Found:
        return replace(self, body=other.body, is_cut=self.is_cut or other.is_cut)


def read_text(text: str) -> Found:
    """Return the text of an e-mail."""
    own, is_cut = cut(text)
    return Found(from_plain_text(own), is_cut)


def cut(text: str) -> tuple[str, bool]:
    """Return the text that the sender has written, and whether there was quoted text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines, is_cut = _until_end(lines)
    kept: list[str] = []
    for line in lines:
        if line.startswith(">"):
            if not is_cut:
                kept = _without_introduction(kept)
            is_cut = True
        else:
            kept.append(line)
    while kept and (not kept[-1].strip() or MOBILE.fullmatch(kept[-1].strip())):
        kept.pop()
    return _unwrap(kept), is_cut


def _until_end(lines: list[str]) -> tuple[list[str], bool]:
    """Return the lines before the signature or the e-mail that was answered, and whether
    it is the latter."""
    headers = has_address = 0
    for number, line in enumerate(lines):
        if line.rstrip() == "--":
            return lines[:number], False
        if SEPARATOR.fullmatch(line):
            return lines[:number], True
        is_header = bool(HEADER.fullmatch(line))
        headers = headers + 1 if is_header else 0
        has_address = is_header and (bool(has_address) or "@" in line)
        if headers >= MIN_HEADERS and has_address:
            return _without_rule(lines[: number + 1 - headers]), True
    return lines, False


def _without_rule(lines: list[str]) -> list[str]:
    """Leave out the line above the headers of the answered e-mail."""
    while lines and not lines[-1].strip(" _-\t"):
        lines.pop()
    return lines


def _without_introduction(lines: list[str]) -> list[str]:
    """Leave out the lines that say whose text follows: the last ones, up to a colon."""
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines or not lines[-1].rstrip().endswith((":", "：")):
        return lines
    start = len(lines)
    while start and lines[start - 1].strip():
        start -= 1
    about = " ".join(lines[start:])
    is_short = len(lines) - start <= MAX_INTRODUCTION
    is_introduction = is_short and ("@" in about or re.search(r"\d", about))
    return lines[:start] if is_introduction else lines


def _unwrap(lines: list[str]) -> str:
    """Join lines that a mail program has wrapped: they end with a space (RFC 3676)."""
    text = ""
    for line in lines:
        if line.startswith(" ") and text.endswith((" ", "\n")):
            line = line[1:]  # it was stuffed
        text += line if line.endswith(" ") and line.strip() else f"{line.rstrip()}\n"
    return text.strip("\n")
