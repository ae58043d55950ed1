"""HTML of other products as blocks: text, and the images and embeds in it."""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from ....posts.content import find_type
from ....rich_text import clean_rich_text
from ....text import to_text

Block = dict[str, Any]
# A paragraph with nothing but a URL, as it is or as a link.
LONE_URL = re.compile(
    r'<p>\s*(?:<a [^>]*>)?\s*(?P<url>https?://[^\s<>"]+)\s*(?:</a>)?\s*</p>'
)
PLAYERS = (
    (
        re.compile(r"//www\.youtube(?:-nocookie)?\.com/embed/([\w-]+)"),
        "https://www.youtube.com/watch?v={}",
    ),
    (re.compile(r"//player\.vimeo\.com/video/(\d+)"), "https://vimeo.com/{}"),
)
QUOTED_POSTS = re.compile(
    r"\b(?:twitter-tweet|instagram-media|tiktok-embed|bluesky-embed|mastodon-embed)\b"
)
CAPTIONS = re.compile(r"\b(?:wp-caption-text|wp-element-caption)\b")
FILES = {"video", "audio", "source"}
VOID = {"img", "source", "br", "hr", "input", "link", "meta", "wbr", "embed", "track"}
EMOJI = "liveblog-emoji"


def to_blocks(html: str, base_url: str = "") -> list[Block]:
    """Return the blocks of HTML: text, images and embeds. Videos and sounds become links.
    Relative URLs are those of ``base_url``; ``TooLong`` for more than a post can have."""
    splitter = _Splitter(base_url)
    splitter.feed(html)
    splitter.close()
    splitter.end_text()
    return finish(splitter.blocks)


def finish(blocks: list[Block]) -> list[Block]:
    """Return the blocks with clean text, and with embeds for the URLs that are alone in
    their paragraphs."""
    found = []
    for block in blocks:
        is_text = block["type"] == "text"
        found += _make_text(block["value"]) if is_text else [block]
    return found


def _make_text(html: str) -> list[Block]:
    cleaned = clean_rich_text(html)
    found: list[Block] = []
    position = 0
    for lone in LONE_URL.finditer(cleaned):
        found += _wrap(cleaned[position : lone.start()])
        found.append({"type": "embed", "value": unescape(lone["url"])})
        position = lone.end()
    return found + _wrap(cleaned[position:])


def _wrap(html: str) -> list[Block]:
    return [{"type": "text", "value": html.strip()}] if to_text(html) else []


def make_image(
    url: str, *, alt: str = "", caption: str = "", credit: str = ""
) -> Block:
    """Return an image by its URL or path."""
    value = {"image": url, "alt_text": alt[:255], "decorative": False}
    value |= {"caption": caption[:1000], "credit": credit[:255]}
    return {"type": "image", "value": value}


def make_embed(url: str) -> Block:
    return {"type": "embed", "value": url}


def make_quote(quote: str, name: str = "") -> Block:
    value = {"quote": quote[:5000], "name": name[:255], "role": ""}
    return {"type": "quote", "value": value}


def fit(blocks: list[Block], stream_block: Any) -> list[Block]:
    """Return the blocks for posts that have this one: those of other types become text."""
    text = find_type(stream_block, "text") or "text"
    found = []
    for block in blocks:
        name, value = block["type"], block["value"]
        if name == "text":
            found.append({"type": text, "value": value})
        elif name in stream_block.child_blocks:
            found.append(block)
        else:
            found.append({"type": text, "value": _to_text(name, value)})
    return found


def _to_text(name: str, value: Any) -> str:
    if name == "quote":
        credit = f"<p>{escape(value['name'])}</p>" if value["name"] else ""
        return f"<blockquote>{escape(value['quote'])}</blockquote>{credit}"
    if name == "table":
        rows = (" | ".join(map(escape, row)) for row in value["rows"])
        return f"<p>{'<br>'.join(rows)}</p>"
    url = value["image"] if name == "image" else value
    label = (value["caption"] or value["alt_text"]) if name == "image" else ""
    return f'<p><a href="{escape(url)}">{escape(label or url)}</a></p>'


class _Splitter(HTMLParser):
    """Takes images, frames and posts of other sites out of HTML."""

    def __init__(self, base_url: str) -> None:
        super().__init__(convert_charrefs=False)
        self._base_url = base_url
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._images: list[Block] = []  # of the figure
        self._depth = 0  # of figures
        self._caption: list[str] | None = None
        self._quoted: list[str] | None = None  # links in a post of another site
        self._cited: str | None = None  # its own URL, if it says so
        self._closing = ""  # the tag that ends the caption or the post
        self._nested = 0

    def handle_starttag(self, tag: str, attrs: list) -> None:
        values = {name: value or "" for name, value in attrs}
        if self._quoted is not None:
            self._nested += tag == self._closing
            if tag == "a" and values.get("href"):
                self._quoted.append(values["href"])
        elif tag == "figure":
            self.end_text()
            self._depth += 1
        elif tag == "figcaption" or CAPTIONS.search(values.get("class", "")):
            self._caption, self._closing, self._nested = [], tag, 0
        elif tag == "blockquote" and QUOTED_POSTS.search(values.get("class", "")):
            self.end_text()
            self._cited = values.get("cite") or values.get("data-instgrm-permalink")
            self._quoted, self._closing, self._nested = [], tag, 0
        else:
            self._take(tag, values)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def _take(self, tag: str, values: dict[str, str]) -> None:
        source = urljoin(
            self._base_url, values.get("src") or values.get("data-src") or ""
        )
        if tag == "img" and EMOJI in values.get("class", ""):
            self._add(f":{values.get('data-emoji') or values.get('alt', '')}:")
        elif tag == "img" and source.startswith("data:"):
            return
        elif tag == "img" and source:
            image = make_image(source, alt=values.get("alt", ""))
            if self._depth:
                self._images.append(image)
            else:
                self.end_text()
                self.blocks.append(image)
        elif tag == "iframe" and (page := _find_page(source)):
            self.end_text()
            self.blocks.append(make_embed(page))
        elif tag in FILES and source:
            shown = escape(source)
            self._add(f'<p><a href="{shown}">{shown}</a></p>')
        elif self._caption is None:
            self._add(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if self._closing and tag == self._closing:
            if self._nested:
                self._nested -= 1
                return
            self._end_inner()
        elif tag == "figure":
            self._depth = max(0, self._depth - 1)
            self.end_text()
        elif self._quoted is None and self._caption is None:
            self._add(f"</{tag}>")

    def _end_inner(self) -> None:
        self._closing = ""
        if self._quoted is not None:
            links, self._quoted = self._quoted, None
            # Of a tweet, the last link is its own.
            if url := self._cited or "".join(links[-1:]):
                self.blocks.append(make_embed(url))
        elif self._caption is not None:
            caption, self._caption = to_text("".join(self._caption)), None
            images = self._images or [
                b for b in self.blocks[-1:] if b["type"] == "image"
            ]
            for image in images[-1:]:
                image["value"]["caption"] = caption[:1000]

    def handle_data(self, data: str) -> None:
        self._add(data)

    def handle_entityref(self, name: str) -> None:
        self._add(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._add(f"&#{name};")

    def _add(self, text: str) -> None:
        if self._quoted is not None:
            return
        (self._text if self._caption is None else self._caption).append(text)

    def end_text(self) -> None:
        """End a block of text, and the figure around the last images."""
        html, self._text = "".join(self._text), []
        if html.strip():
            self.blocks.append({"type": "text", "value": html})
        if not self._depth:
            self.blocks += self._images
            self._images = []


def _find_page(url: str) -> str:
    """Return the page of a player, which embeds are found by."""
    url = f"https:{url}" if url.startswith("//") else url
    for player, page in PLAYERS:
        if found := player.search(url):
            return page.format(found[1])
    return url if urlsplit(url).scheme in ("http", "https") else ""
