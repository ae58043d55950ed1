"""Embeds of other sites: their oEmbed where it is public, otherwise a card of the page.

``find`` uses the network, so it is only called in the background: ``posts.embeds`` shows
a post again when its embeds were found.
"""

from __future__ import annotations

import json
import logging
import re
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.embeds.embeds import get_embed, get_embed_hash
from wagtail.embeds.exceptions import EmbedException
from wagtail.embeds.finders import get_finders
from wagtail.embeds.models import Embed

from . import mastodon
from .blocks.embeds import get_card_hash
from .images import InvalidImage, clean_upload
from .outbound import RequestFailed, read, send
from .text import normalise_line

logger = logging.getLogger("wagtail_live.embeds")

TIMEOUT = 10.0  # seconds of each request
MAX_REDIRECTS = 4
MAX_PAGE = 2**19  # bytes that are read of a page, whose tags are in its head
MAX_ANSWER = 2**20
MAX_IMAGE = 10 * 2**20
CARD_SIZE = (640, 640)  # pixels
CARD_FOLDER = "live_blog_cards"
MAX_TITLE = 300  # characters
LATER = {408, 425, 429}
USER_AGENT = "Mozilla/5.0 (compatible; wagtail-live link preview)"
IS_TRUSTED = False  # whether any address is allowed, as in tests

# URLs of posts, beside the providers of Wagtail, and the endpoint of their oEmbed; without
# one the provider asks for a token, and the post is a card. The HTML of an endpoint runs in
# the site's pages, so its host is never taken from a URL.
PROVIDERS = [
    (
        r"https://bsky\.app/profile/[^/?#]+/post/[^/?#]+",
        "https://embed.bsky.app/oembed",
    ),
    (
        r"https://(?:www\.)?tiktok\.com/@[^/?#]+/video/\d+",
        "https://www.tiktok.com/oembed",
    ),
    (r"https://(?:vm|vt)\.tiktok\.com/\w+", "https://www.tiktok.com/oembed"),
    (
        r"https://(?:datawrapper\.dwcdn\.net|www\.datawrapper\.de/_)/\w{5}\b",
        "https://api.datawrapper.de/v3/oembed",
    ),
    (r"https://(?:www\.)?threads\.(?:net|com)/@[^/?#]+/post/[^/?#]+", None),
    (r"https://(?:www\.)?instagram\.com/(?:[^/?#]+/)?(?:p|reel|tv)/[^/?#]+", None),
    (
        r"https://(?:www\.|m\.)?facebook\.com/(?:[^/?#]+/(?:posts|videos)/|watch|photo|"
        r"permalink\.php|story\.php|share/|reel/)",
        None,
    ),
    (r"https://fb\.watch/\w+", None),
]


def is_known(url: str) -> bool:
    """Return whether a URL is one of a provider, without requesting it."""
    is_ours = any(re.match(pattern, url) for pattern, _ in PROVIDERS)
    is_wagtails = any(finder.accept(url) for finder in get_finders())
    return is_ours or is_wagtails or mastodon.parse(url) is not None


def find(
    url: str, max_width: int | None = None, max_height: int | None = None
) -> Embed:
    """Request an embed, or else a card, and store it.

    Raise ``RequestFailed`` if there is none; a retry is useless if it ``is_final``.
    """
    if any(finder.accept(url) for finder in get_finders()):
        return _ask_finder(url, max_width, max_height) or _find_card(url)
    status = mastodon.parse(url)
    endpoint = status.endpoint if status else _find_endpoint(url)
    answer = _ask_provider(endpoint, url) if endpoint else None
    if answer:
        return _store_embed(url, answer, max_width, max_height)
    return _find_card(url)


def _ask_finder(
    url: str, max_width: int | None, max_height: int | None
) -> Embed | None:
    """Return the embed of one of Wagtail's finders, ``None`` if its provider refuses."""
    try:
        embed = get_embed(url, max_width, max_height)
    except Exception as error:  # a site's own finder may raise anything
        if _is_refusal(error):
            return None
        name = type(error).__name__
        raise RequestFailed(f"The provider has no embed ({name}).") from None
    return embed if embed.html else None


def _is_refusal(error: Exception) -> bool:
    """Return whether the provider will go on failing: it has answered that it has nothing,
    or that the site may not have it."""
    cause = error.__cause__ or error.__context__
    answer = getattr(cause, "response", cause)  # of requests, or of urllib
    status = getattr(answer, "status_code", None) or getattr(answer, "code", None)
    if isinstance(status, int):
        return 400 <= status < 500 and status not in LATER
    return cause is None and isinstance(error, EmbedException)


def _find_endpoint(url: str) -> str | None:
    found = (endpoint for pattern, endpoint in PROVIDERS if re.match(pattern, url))
    return next(found, None)


def _ask_provider(endpoint: str, url: str) -> dict[str, Any] | None:
    """Return the answer of an oEmbed endpoint, ``None`` if it has no HTML for the URL."""
    query = urlencode({"url": url, "format": "json"})
    asked = f"{endpoint}?{query}"
    try:
        body, _ = _fetch(asked, "application/json", MAX_ANSWER, is_bound=True)
        answer = json.loads(body)
    except RequestFailed as failed:
        if failed.is_final:
            return None
        raise
    except (ValueError, RecursionError):
        return None
    html = answer.get("html") if isinstance(answer, dict) else None
    return answer if isinstance(html, str) and html.strip() else None


def _store_embed(
    url: str, answer: dict, max_width: int | None, max_height: int | None
) -> Embed:
    values = {
        "url": url,
        "max_width": max_width,
        "type": "video" if answer.get("type") == "video" else "rich",
        "html": answer["html"],
        "title": _text(answer.get("title")),
        "author_name": _text(answer.get("author_name")),
        "provider_name": _text(answer.get("provider_name")),
        "width": _size(answer.get("width")),
        "height": _size(answer.get("height")),
    }
    embed = mastodon.replace_html(Embed(**values), url)
    values = {name: getattr(embed, name) for name in values}
    key = get_embed_hash(url, max_width, max_height)
    return Embed.objects.update_or_create(hash=key, defaults=values)[0]


def _find_card(url: str) -> Embed:
    body, location = _fetch(
        url, "text/html,application/xhtml+xml", MAX_PAGE, is_cut=True
    )
    page = _Page(body)
    if not page.title:
        raise RequestFailed("The page has no title.", is_final=True)
    image = _fetch_image(urljoin(location, page.image), url) if page.image else None
    name, width, height = image or ("", None, None)
    values = {
        "url": url,
        "type": "link",
        "html": "",
        "title": page.title,
        "provider_name": page.site or (urlsplit(location).hostname or ""),
        "thumbnail_url": name,
        "width": width,
        "height": height,
    }
    key = get_card_hash(url)
    return Embed.objects.update_or_create(hash=key, defaults=values)[0]


def _fetch(
    url: str,
    accept: str,
    max_size: int,
    *,
    is_cut: bool = False,
    is_bound: bool = False,
) -> tuple[bytes, str]:
    """Return a body and its URL, after redirects: to any public host, unless the answer
    ``is_bound`` to the host of the URL."""
    origin = urlsplit(url)[:2]
    headers = {"Accept": accept, "User-Agent": USER_AGENT}
    for _ in range(MAX_REDIRECTS):
        with send(
            url, timeout=TIMEOUT, headers=headers, is_trusted=IS_TRUSTED
        ) as response:
            location = response.headers.get("Location")
            if location and response.status in (301, 302, 303, 307, 308):
                url = urljoin(url, location)
                if is_bound and urlsplit(url)[:2] != origin:
                    raise RequestFailed("Another host answers.", is_final=True)
                continue
            if response.status != 200:
                is_later = response.status in LATER or response.status >= 500
                reason = f"The answer has status {response.status}."
                raise RequestFailed(reason, is_final=not is_later)
            body = response.read(max_size) if is_cut else read(response, max_size)
            return body, url
    raise RequestFailed("There are too many redirects.", is_final=True)


def _fetch_image(url: str, page_url: str) -> tuple[str, int, int] | None:
    """Store a small copy of a card's image, so that readers don't request it elsewhere."""
    try:
        data, _ = _fetch(url, "image/*", MAX_IMAGE)
        cleaned = clean_upload(SimpleUploadedFile("card", data))
        with Image.open(cleaned) as opened:
            image = opened.convert("RGB")
        image.thumbnail(CARD_SIZE)
        file = BytesIO()
        image.save(file, "JPEG", quality=82)
        wanted = f"{CARD_FOLDER}/{get_card_hash(page_url)}.jpg"
        name = default_storage.save(wanted, ContentFile(file.getvalue()))
    except (InvalidImage, RequestFailed) as error:
        logger.info("No image for a card: %s", type(error).__name__)
        return None
    except Exception:  # decoders and storages raise anything
        logger.exception("No image for a card.")
        return None
    return name, *image.size


class _Page(HTMLParser):
    """The title, the site and the image of a page, by its Open Graph tags or its title."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._tags: dict[str, str] = {}
        self._words: list[str] = []
        self._is_in_title = False
        charset = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", body[:2048])
        try:
            text = body.decode(charset[1].decode() if charset else "utf-8", "replace")
        except LookupError:
            text = body.decode("utf-8", "replace")
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = values.get("property") or values.get("name", "")
            self._tags.setdefault(name.lower(), values.get("content", ""))
        self._is_in_title = tag == "title" and not self._words

    def handle_endtag(self, tag: str) -> None:
        self._is_in_title = False

    def handle_data(self, data: str) -> None:
        if self._is_in_title:
            self._words.append(data)

    def _find(self, *names: str) -> str:
        found = (normalise_line(self._tags.get(name, "")) for name in names)
        return next(filter(None, found), "")

    @property
    def title(self) -> str:
        title = self._find("og:title", "twitter:title")
        return (title or normalise_line("".join(self._words)))[:MAX_TITLE]

    @property
    def site(self) -> str:
        return self._find("og:site_name", "application-name")[:MAX_TITLE]

    @property
    def image(self) -> str:
        names = "og:image:secure_url", "og:image:url", "og:image", "twitter:image"
        return self._find(*names)


def _text(value: Any) -> str:
    return normalise_line(value)[:MAX_TITLE] if isinstance(value, str) else ""


def _size(value: Any) -> int | None:
    """Return a number of pixels; providers also answer with ``"100%"`` and ``null``."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 < value < 10_000 else None
