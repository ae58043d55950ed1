"""The HTML of an e-mail as rich text, without its signature and what it quotes.

Mail programs mark these by classes and ids. The rest is reduced to tags that rich text may
have, before it is cleaned like all text: the styles of some programs are longer than a post
may be. Images that would be loaded from elsewhere, such as tracking pixels, are left out.
"""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import unquote

from wagtail_live.rich_text import (
    ALLOWED_TAGS,
    ATTRIBUTE,
    CELLS,
    INLINE_TAGS,
    LINES,
    MAX_LENGTH,
    RENAMED,
    clean_rich_text,
    read_tags,
)
from wagtail_live.text import to_text

from ..document import (
    MAX_TEXT_LENGTH,
    Block,
    Body,
    Link,
    Paragraph,
    Refused,
    RichText,
    safe_url,
)
from .text import MOBILE, Found

UNSEEN_TAGS = {"title", "style", "script"}
VOID_TAGS = {"br", "hr", "img", "wbr"}
QUOTE_CLASSES = {
    *("gmail_quote", "gmail_quote_container", "gmail_attr", "yahoo_quoted"),
    *("moz-cite-prefix", "protonmail_quote", "tutanota_quote"),
}
SIGNATURE_CLASSES = {
    *("gmail_signature", "gmail_signature_prefix", "moz-signature"),
    *("protonmail_signature_block",),
}
SIGNATURE_IDS = {"signature", "ms-outlook-mobile-signature", "applemailsignature"}
# All that follows is quoted, or the signature.
QUOTE_STARTS = {"appendonsend", "divrplyfwdmsg", "olk_src_body_section"}
QUOTE_STARTS |= {"mail-editor-reference-message-container"}
SIGNATURE_STARTS = {"linebreakatbeginningofsignature"}
# The line that Outlook draws above the headers of the answered e-mail.
OUTLOOK_RULE = re.compile(r"border-top:\s*solid\s+#(?:e1e1e1|b5c4df)", re.IGNORECASE)
SPACES = re.compile(r"(?:[ \t\r\n\xa0]|&nbsp;|&#160;)+")
# Each begins where no space is before it, so that no space is read twice.
BREAKS = re.compile(r"(?<!\s)\s*+(?:<br>\s*+){2,}+")
EDGE = re.compile(r"(?<!\s)\s*+(?:<br>\s*+)?+(?=</p>)|(?<=<p>)(?:\s|<br>)++")
EMPTY = re.compile(r"<(p|h[2-4]|blockquote|li|ul|ol|pre)>(?:\s|<br>)*+</\1>")
LONE_LINK = re.compile(
    r'(?:<p>|<br>)\s*+<a href="(?P<url>https://[^"]+)"[^>]*+>(?P<label>[^<]*+)</a>'
    r"\s*+(?=</p>|<br>)"
)


def read_html(html: str) -> Found:
    """Return the content of the HTML of an e-mail."""
    reader = _Reader()
    for token in read_tags(html):
        reader.read(token)
    reduced = "".join(reader.parts)
    if reader.length > MAX_TEXT_LENGTH or len(reduced) > MAX_LENGTH:
        body: Body = (Refused(max(reader.length, MAX_TEXT_LENGTH + 1)),)
    else:
        body = _to_body(clean_rich_text(reduced))
    cut_images = frozenset(reader.cut_images - reader.images.keys())
    return Found(body, reader.is_cut, reader.images, cut_images)


class _Reader:
    """Collects the text and the allowed tags outside of signatures and quotes."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0  # of the text
        self.images: dict[str, str] = {}
        self.cut_images: set[str] = set()
        self.is_cut = False
        self._is_over = False
        self._skipped, self._depth = "", 0  # the tag that is left out, and those inside
        self._is_at_line_start = True
        self._is_code = False

    def read(self, token: str | re.Match) -> None:
        if isinstance(token, str):
            if not self._skipped and not self._is_over:
                self._read_text(token)
            return
        name, is_end = token[2].lower(), bool(token[1])
        attributes = {} if is_end else _read_attributes(token[3])
        if name == "img":
            self._read_image(attributes)
        elif self._skipped:
            self._skip(name, is_end)
        elif not self._is_over and not self._begins_cut(name, attributes):
            self._write_tag(RENAMED.get(name, name), is_end, attributes)

    def _read_text(self, text: str) -> None:
        words = SPACES.sub(" ", text)
        if words.strip() == "--" and self._is_at_line_start:
            self._is_over = True
            return
        if self._is_code:
            words = text
        elif self._is_at_line_start or self.parts[-1:] == [" "]:
            words = words.lstrip(" ")
        if words.strip():
            self._is_at_line_start = False
        self.length += len(words)
        self.parts.append(words)

    def _read_image(self, attributes: dict[str, str]) -> None:
        if not (id := read_content_id(attributes.get("src", ""))):
            return
        if self._skipped or self._is_over:
            self.cut_images.add(id)
        else:
            self.images[id] = " ".join(unescape(attributes.get("alt", "")).split())

    def _skip(self, name: str, is_end: bool) -> None:
        if name == self._skipped:
            self._depth += -1 if is_end else 1
            self._skipped = name if self._depth else ""

    def _begins_cut(self, name: str, attributes: dict[str, str]) -> bool:
        """Return whether a tag begins a part that is left out."""
        classes = set(attributes.get("class", "").split())
        id = attributes.get("id", "").lower()
        is_rule = bool(OUTLOOK_RULE.search(attributes.get("style", "")))
        if id in QUOTE_STARTS | SIGNATURE_STARTS or is_rule:
            self._is_over = True
            self.is_cut |= id not in SIGNATURE_STARTS
            return True
        is_cited = name == "blockquote" and attributes.get("type", "").lower() == "cite"
        is_quote = is_cited or bool(classes & QUOTE_CLASSES)
        is_signature = bool(classes & SIGNATURE_CLASSES) or id in SIGNATURE_IDS
        self.is_cut |= is_quote
        is_left_out = is_quote or is_signature or name in UNSEEN_TAGS
        if is_left_out and name not in VOID_TAGS:
            self._skipped, self._depth = name, 1
        return is_left_out

    def _write_tag(self, name: str, is_end: bool, attributes: dict[str, str]) -> None:
        is_allowed = name in ALLOWED_TAGS
        is_blank_line = name == "br" and self._is_at_line_start
        if name in LINES or name == "br" or (is_allowed and name not in INLINE_TAGS):
            self._is_at_line_start = True
        if name == "pre":
            self._is_code = not is_end
        if is_end:
            tag = f"</{name}>"
        elif name == "a":
            href = safe_url(unescape(attributes.get("href", "")))
            tag = f'<a href="{escape(href)}">' if href else ""
        else:
            tag = "<br><br>" if is_blank_line else f"<{name}>"
        if is_allowed or name in LINES or name in CELLS:
            self.parts.append(tag)


def read_content_id(url: str) -> str:
    """Return the Content-ID in the URL of an image within HTML."""
    scheme, _, id = url.strip().partition(":")
    return unquote(id).strip("<>") if scheme.lower() == "cid" else ""


def _read_attributes(text: str) -> dict[str, str]:
    """Return the first of each attribute, as browsers read them."""
    found: dict[str, str] = {}
    for match in ATTRIBUTE.finditer(text):
        value = match[2] or ""
        is_quoted = value[:1] in ("'", '"')
        found.setdefault(match[1].lower(), value[1:-1] if is_quoted else value)
    return found


def _to_body(html: str) -> Body:
    """Return cleaned HTML as blocks, with the links that are alone on their lines taken
    out: they may become embeds."""
    html = EMPTY.sub("", EDGE.sub("", BREAKS.sub("</p><p>", html)))
    blocks: list[Block] = []
    end = 0
    for found in LONE_LINK.finditer(html):
        url, label = unescape(found["url"]), unescape(found["label"]).strip()
        if label.rstrip("/") == url.rstrip("/"):
            _add_text(blocks, html[end : found.start()])
            blocks.append(Paragraph((Link(url),)))
            end = found.end()
    _add_text(blocks, html[end:])
    return tuple(blocks)


def _add_text(blocks: list[Block], html: str) -> None:
    head, _start, last = html.rpartition("<p>")
    if MOBILE.fullmatch(to_text(last)):
        html = head
    if to_text(html):
        blocks.append(RichText(html))
