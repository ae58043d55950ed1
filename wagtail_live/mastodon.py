"""Posts on servers of Mastodon.

Anybody may run a server, so its HTML is never shown: it would run in the site's pages. A
post is shown in a frame of its server, whose HTML is made here from the URL.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from django.utils.html import format_html
from wagtail.embeds.finders import get_finders
from wagtail.embeds.models import Embed

URL = re.compile(
    r"(?P<base>https://(?P<host>[^/?#@]+)/(?P<user>@[^/?#]+)/\d{10,})/?(?:[?#]|$)"
)
HEIGHT = 400  # pixels, until the frame tells its own
# A frame of its own origin: what runs in it reads neither the page nor its cookies, and
# can't navigate it.
FRAME = (
    '<iframe class="live-post__status" src="{}/embed" title="{}" height="{}"'
    ' loading="lazy" allow="fullscreen"'
    ' sandbox="allow-scripts allow-same-origin allow-popups" data-resize></iframe>'
)


class Status(NamedTuple):
    """A post on a server of Mastodon; ``base`` is its URL without a query."""

    base: str
    host: str
    user: str

    @property
    def endpoint(self) -> str:
        """The URL of the server's oEmbed."""
        scheme = self.base.partition(":")[0]
        return f"{scheme}://{self.host}/api/oembed"

    @property
    def handle(self) -> str:
        """The name of the author among all servers."""
        is_elsewhere = "@" in self.user[1:]
        return self.user if is_elsewhere else f"{self.user}@{self.host}"

    def to_html(self) -> str:
        return format_html(FRAME, self.base, self.handle, HEIGHT)


def parse(url: str) -> Status | None:
    """Return the post that a URL may be of, ``None`` for others, and for those that a
    finder of the site embeds."""
    found = URL.match(url)
    if not found or any(finder.accept(url) for finder in get_finders()):
        return None
    return Status(found["base"], found["host"], found["user"])


def replace_html(embed: Embed, url: str) -> Embed:
    """Replace what a server may have written in the embed of a post."""
    status = parse(url) if embed.html else None
    if status:
        embed.html = status.to_html()
        embed.title, embed.provider_name = status.handle, status.host
        embed.width = embed.height = None
    return embed
