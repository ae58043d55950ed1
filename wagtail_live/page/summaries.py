"""Live pages on other pages of the site: a badge with the state, and a teaser with the
newest headlines."""

from __future__ import annotations

from typing import Any

from ..models import Channel, ChannelState
from .rendering import permalink, render_template

MAX_HEADLINES = 3
SHOWN = {ChannelState.LIVE, ChannelState.PAUSED}


def render_badge(channel: Channel) -> str:
    """Render the mark of a page that is live or paused; empty before and after that."""
    if channel.state not in SHOWN:
        return ""
    context = {"channel": channel}
    return render_template("wagtail_live/live_badge.html", context, channel.language)


def render_teaser(channel: Channel, request: Any = None) -> str:
    """Render the mark and the newest headlines."""
    # Relative where the site is the only one, as in development.
    page_url = channel.page.specific_deferred.get_url(request)
    newest = channel.posts.visible().newest_first()[:MAX_HEADLINES]
    context = {
        "channel": channel,
        "badge": render_badge(channel),
        "page_url": page_url,
        "posts": [{"post": post, "url": permalink(page_url, post)} for post in newest],
    }
    return render_template("wagtail_live/live_teaser.html", context, channel.language)
