"""The static archive of a live blog: its pages and feeds, and the files in them."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from django.db.models import Q

from ...models import Channel, LivePost, get_page_model
from ...page import element, feeds, rendering, updates
from ...page.timeline import PostsPage
from .assets import HERE, Assets, strip_inert
from .stores import Writer

PAGE_TEMPLATE = "wagtail_live/archive/page.html"
KEY_EVENTS_TEMPLATE = "wagtail_live/archive/key_events.html"
FEEDS = {"application/atom+xml": "feed.atom", "application/feed+json": "feed.json"}


class StaticArchive:
    """Writes an archive, ``size`` posts to a page. ``url`` is where it will be, if that is
    known: feeds need absolute URLs."""

    def __init__(
        self,
        channel: Channel,
        writer: Writer,
        progress: Any,
        *,
        size: int,
        url: str = "",
        includes_private: bool = False,
    ) -> None:
        self._channel, self._writer, self._progress = channel, writer, progress
        self._page = channel.page.specific
        self._size = size
        self._prefix = f"{url.rstrip('/')}/" if url else ""
        ids = channel.posts.visible().newest_first().values_list("pk", flat=True)
        self._numbers = {pk: index // size + 1 for index, pk in enumerate(ids)}
        self._assets = Assets(
            writer,
            rendering.get_base_url(self._page),
            self.find_post,
            includes_private=includes_private,
        )
        self._posts: list[LivePost] = []

    @property
    def missing(self) -> list[str]:
        """The URLs of files that are referred to and missing."""
        return self._assets.missing

    def find_post(self, post_id: UUID) -> str | None:
        """Return the URL of a post within the archive."""
        number = self._numbers.get(post_id)
        return f"{get_page_name(number)}#live-post-{post_id}" if number else None

    def write(self) -> int:
        """Write everything; return the number of posts."""
        last = max(self._numbers.values(), default=1)
        for number in range(1, last + 1):
            self._write_page(number, last)
        if self._key_events().exists():
            self._write_key_events()
        self._write_feeds()
        self._writer.finish(["page-*.html"])
        return len(self._posts)

    def _write_page(self, number: int, last: int) -> None:
        start = (number - 1) * self._size
        visible = self._channel.posts.visible().newest_first().with_author()
        posts = list(visible[start : start + self._size])
        rendering.prefetch_blocks(posts)
        for post in posts:
            post.channel = self._channel
        is_first = number == 1
        context = self._get_context() | {
            "stage": rendering.find_stage(self._channel).get("stage", "")
            if is_first
            else "",
            "head": updates.render_overview(self._channel)["head"] if is_first else "",
            "posts": posts,
            "older": get_page_name(number + 1) if number < last else "",
            "newer": get_page_name(number - 1) if number > 1 else "",
            "number": number,
            "count": last,
        }
        context["layout"] = element.get_layout(context["head"], posts)
        self._write_html(get_page_name(number), PAGE_TEMPLATE, context)
        self._posts += posts
        self._progress.add(len(posts))

    def _write_key_events(self) -> None:
        posts = list(self._key_events().newest_first())
        rendering.prefetch_blocks(posts)
        context = self._get_context() | {"key_events": posts, "layout": {}}
        self._write_html("key-events.html", KEY_EVENTS_TEMPLATE, context)

    def _key_events(self) -> Any:
        return self._channel.posts.visible().key_events()

    def _get_context(self) -> dict[str, Any]:
        site = rendering.find_site(self._page)
        return {
            "page": self._page,
            "page_url": rendering.get_page_url(self._page),
            "site_name": site and (site.site_name or site.hostname),
            "channel": self._channel,
            "direction": element.get_direction(self._channel),
            "feeds": FEEDS,
        }

    def _write_html(self, name: str, template: str, context: dict[str, Any]) -> None:
        made = rendering.render_template(template, context, self._channel.language)
        html = rendering.make_absolute(strip_inert(made), HERE)
        self._add(name, self._assets.localise(html))

    def _write_feeds(self) -> None:
        posts = PostsPage(self._posts, None, None)
        urls = feeds.FeedURLs(page=f"{HERE}index.html", base=HERE, feed="")
        atom = urls._replace(feed=f"{HERE}feed.atom")
        self._add_feed("feed.atom", feeds.render_atom(self._channel, posts, atom))
        json = feeds.render_json(
            self._channel, posts, urls._replace(feed=f"{HERE}feed.json")
        )
        self._add_feed("feed.json", json.decode())

    def _add_feed(self, name: str, text: str) -> None:
        self._add(name, self._assets.localise(text, self._prefix))

    def _add(self, name: str, text: str) -> None:
        self._writer.add(name, io.BytesIO(text.encode()))


def get_page_name(number: int) -> str:
    return "index.html" if number == 1 else f"page-{number}.html"


def is_public(channel: Channel) -> bool:
    """Return whether everybody can open a page that shows the channel."""
    shows = Q(pk=channel.page_id) | Q(alias_of=channel.page_id)
    return any(
        page.get_url_parts() is not None and not page.get_view_restrictions().exists()
        for page in get_page_model().objects.live().filter(shows)
    )


def count_posts(channel: Channel) -> int:
    return channel.posts.visible().count()
