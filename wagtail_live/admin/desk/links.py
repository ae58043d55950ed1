"""The URLs of links in rich text."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

WEB_SCHEMES = {"http", "https", "ftp", "ftps"}
OTHER_SCHEMES = {"mailto", "tel"}
LOCAL = ("/", "#")  # of paths on the site, and of places on the page


def find_invalid_link(html: str) -> str | None:
    """Return the text of the first link without a valid URL; ``None`` if there is none.

    ``html`` is rich text as Wagtail stores it. Its editor takes pasted links as they are,
    and drops the URLs of unsafe ones.
    """
    reader = _LinkReader()
    reader.feed(html)
    reader.close()
    return next(iter(reader.found), None)


def is_valid(url: str) -> bool:
    """Return whether a URL leads somewhere, as far as that can be seen."""
    if url.startswith(LOCAL):
        return url != "#"
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme in OTHER_SCHEMES:
        return bool(parts.path)
    return parts.scheme in WEB_SCHEMES and bool(parts.hostname)


class _LinkReader(HTMLParser):
    """Collects the texts of links without a valid URL."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag != "a" or "linktype" in values or is_valid(values.get("href") or ""):
            return
        self._is_inside = True
        self.found.append("")

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._is_inside = False
