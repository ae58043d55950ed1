"""Posts as HTML: on the page, in its updates, and with absolute URLs elsewhere.

Feed readers, front ends on other hosts and the receivers of webhooks have no page that
a relative URL could refer to.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from html import escape, unescape
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from wagtail.embeds.blocks import EmbedValue
from wagtail.embeds.models import Embed
from wagtail.images.models import AbstractImage
from wagtail.models import Site

from .. import cursors
from ..background import as_in_requests
from ..models import Channel, LivePost, PostAuthor, prefetch_authors
from ..models.post import walk
from ..renditions import IMAGE_SPECS, PREVIEW_SPECS
from ..text import normalise_values, to_text

logger = logging.getLogger("wagtail_live.images")
stage_logger = logging.getLogger("wagtail_live.stage")

MAX_KEY_EVENTS = 100
MANY_KEY_EVENTS = 10
LONG_SUMMARY = 100  # characters: a phone shows the beginning of a longer one
NEW_SITE = "localhost"

# Matches from each "<" as far as it can, so that no part of a text is read twice.
TAG = re.compile(
    r"""<(?P<name>[a-zA-Z][^\s/>]*+)"""
    r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])))*+(?P<end>>?)"""
)
ATTRIBUTE = re.compile(
    r"""(?<=[\s"'/])(?P<start>(?P<name>[^\s"'<>/=]++)\s*+=\s*+)"""
    r"""(?:(?P<quote>["'])(?P<quoted>.*?)(?P=quote)|(?P<bare>[^\s"'>][^\s>]*+))""",
    re.DOTALL,
)
# The rest of a candidate is its width or density.
CANDIDATE = re.compile(r"(?P<url>[^\s,]\S*[^\s,]|[^\s,])(?P<rest>[^,]*,?)")
URLS = {
    *("action", "cite", "data", "formaction", "href", "poster", "src"),
    *("background", "data-src", "longdesc", "xlink:href"),
}
LISTS_OF_URLS = {"srcset", "imagesrcset", "data-srcset"}
LINKS = {"a", "area"}


class Hour(NamedTuple):
    """An hour with key events, and the newest of them: whether it is in the list beside
    the posts, and whether a day begins here that is not today."""

    start: datetime
    post_id: UUID
    is_listed: bool
    is_new_day: bool


class Note(NamedTuple):
    """A line of an app below a post; its template gets the value as ``note``."""

    template: str
    value: Any


FindNotes = Callable[[Sequence[LivePost]], dict[UUID, Any]]
_note_finders: list[tuple[str, FindNotes]] = []


def register_note(template: str, find: FindNotes) -> None:
    """Show a line below some posts. ``find`` returns the values of those among the given
    posts, by id. Call it in ``AppConfig.ready``."""
    _note_finders.append((template, find))


def prefetch_notes(posts: Sequence[LivePost]) -> None:
    found = [(template, find(posts)) for template, find in _note_finders if posts]
    for post in posts:
        post.notes = [
            Note(template, values[post.pk])
            for template, values in found
            if post.pk in values
        ]


def get_notes(post: LivePost) -> list[Note]:
    """Return the lines of apps below a post; those of many posts are found together by
    ``prefetch_blocks``."""
    if post.notes is None:
        prefetch_notes([post])
    return post.notes or []


def prefetch_blocks(posts: Sequence[LivePost]) -> None:
    """Resolve the blocks of all posts together, then the renditions of their images, their
    embeds, their further authors, and the notes of apps."""
    prefetch_authors(posts)
    prefetch_notes(posts)
    positions = defaultdict(list)
    for post in posts:
        blocks = post.content.stream_block.child_blocks
        for index, raw in enumerate(post.content.raw_data):
            place = post.content, index, raw
            positions[id(blocks[raw["type"]])].append(place)
    values = []
    for found in positions.values():
        content, _, raw = found[0]
        block = content.stream_block.child_blocks[raw["type"]]
        resolved = block.bulk_to_python([raw["value"] for _, _, raw in found])
        for (content, index, raw), value in zip(found, resolved, strict=True):
            content[index] = raw["type"], value, raw.get("id")
        values += [each for value in resolved for each in walk(value)]
    _prefetch_renditions([each for each in values if isinstance(each, AbstractImage)])
    _prefetch_embeds([each for each in values if isinstance(each, EmbedValue)])


def _prefetch_renditions(images: list[AbstractImage]) -> None:
    if images:
        renditions = images[0].get_rendition_model().objects
        specs = [*IMAGE_SPECS, *PREVIEW_SPECS]
        queryset = renditions.filter(filter_spec__in=specs)
        prefetch_related_objects(
            images, Prefetch("renditions", queryset, to_attr="prefetched_renditions")
        )


def _prefetch_embeds(embeds: list) -> None:
    embeds = [embed for embed in embeds if hasattr(type(embed), "stored")]
    if embeds:
        hashes = {key for embed in embeds for key in embed.hashes}
        stored = Embed.objects.in_bulk(hashes, field_name="hash")
        for embed in embeds:
            embed.stored = embed.choose(stored)


def render_posts(posts: Sequence[LivePost]) -> dict[str, dict]:
    """Render posts for ``updates``: by id, in the given order."""
    prefetch_blocks(posts)
    return {
        str(post.pk): {
            "show": True,
            "content": render_post(post),
            "created": cursors.to_timestamp(post.created),
            "modified": post.modified and cursors.to_timestamp(post.modified),
        }
        for post in posts
    }


def render_post(
    post: LivePost, *, is_pinned: bool = False, is_repeated: bool = False
) -> SafeString:
    """Render a post: for the page and for updates, above the list if it ``is_pinned``, and
    marked in the list of a page if it ``is_repeated`` there."""
    prefix = "pinned-" if is_pinned else ""
    context = {
        "post": post,
        "is_pinned": is_pinned,
        "is_repeated": is_repeated,
        "version": repr(cursors.to_timestamp(post.updated_at)),
        "label_id": f"{prefix}live-post-label-{post.pk}",
        "notes": get_notes(post),
    }
    context["blocks"] = partial(_render_blocks, context)
    return render_template(
        "wagtail_live/live_post.html", context, post.channel.language
    )


def render_content(post: LivePost, *, is_elsewhere: bool = False) -> SafeString:
    """Render only the content of a post. If it ``is_elsewhere``, without the page's scripts
    and styles, embeds are links."""
    context: dict[str, Any] = {"post": post, "is_elsewhere": is_elsewhere}
    context["blocks"] = partial(_render_blocks, context)
    template = "wagtail_live/live_post_content.html"
    return render_template(template, context, post.channel.language)


def render_whole(post: LivePost, base_url: str) -> str:
    """Render the content of a post and its correction, with absolute URLs."""
    html = str(render_content(post, is_elsewhere=True))
    if post.correction:
        template = "wagtail_live/live_post_correction.html"
        html += render_template(template, {"post": post}, post.channel.language)
    for note in get_notes(post):
        context = {"post": post, "note": note.value}
        html += render_template(note.template, context, post.channel.language)
    return make_absolute(html, base_url)


def _render_blocks(context: dict[str, Any]) -> Iterator[str]:
    """Render the blocks of a post, but for a site's own whose image can't be opened."""
    for block in context["post"].content:
        try:
            yield block.render_as_block(context)
        except OSError as error:
            logger.warning("A block can't be shown: %s", type(error).__name__)


def render_overview(channel: Channel) -> dict[str, str]:
    """Render the part above the posts, in the form that answers include."""
    pinned = channel.pinned_post
    context = {
        "channel": channel,
        "pinned_post": pinned if pinned and pinned.show else None,
        "is_summary_long": len(to_text(channel.summary)) > LONG_SUMMARY,
        **describe_key_events(channel),
    }
    context["hours"] = find_hours(channel, context)
    html = render_template("wagtail_live/head.html", context, channel.language)
    return {"head": html, "state": channel.state}


def describe_key_events(channel: Channel, before: Any = None) -> dict[str, Any]:
    """Return the newest key events, or those before a ``Position``, as in templates."""
    posts = channel.posts.visible().key_events().newest_first()
    if before:
        posts = posts.before(before.created, before.post_id)
    found = list(posts[: MAX_KEY_EVENTS + 1])
    shown = found[:MAX_KEY_EVENTS]
    prefetch_blocks([post for post in shown if _is_without_words(post)])
    try:
        url = reverse("live-key-events", args=[channel.channel_id])
    except NoReverseMatch:
        url = ""  # a link leads to them
    return {
        "key_events": shown,
        "more_key_events": shown[-1].position if len(found) > len(shown) else None,
        "key_events_url": url,
    }


def _is_without_words(post: LivePost) -> bool:
    """Return whether the headline may come from an image or an embed of the post."""
    names = {raw["type"] for raw in post.content.raw_data}
    return not post.title and "text" not in names


def render_key_events(channel: Channel, before: Any = None) -> SafeString:
    """Render the items of the list of key events before a ``Position``."""
    template = "wagtail_live/live_blog/key_event_items.html"
    context = {"channel": channel, **describe_key_events(channel, before)}
    return render_template(template, context, channel.language)


def render_stage(channel: Channel, page: Any = None) -> dict[str, str]:
    """Render the stage in the form that answers include: its HTML, and the page's titles.

    Without ``page``, it is read from the database, where it is as it was published: drafts
    are only in the page's revisions.
    """
    if page is None:
        page = channel.page.specific
    fields = page.get_stage_fields(channel)
    context = {
        "page": page,
        "channel": channel,
        "fields": fields,
        "stage": {field.name: field.value for field in fields},
    }
    html = render_template(page.stage_template, context, channel.language)
    return {"stage": html, **get_titles(page)}


def find_stage(channel: Channel, page: Any = None) -> dict[str, str]:
    """Return the stage, or nothing if its template fails: posts have to go on."""
    try:
        return render_stage(channel, page)
    except Exception:
        stage_logger.exception("The stage of page %s can't be shown.", channel.page_id)
        return {}


def get_titles(page: Any) -> dict[str, str]:
    """Return the titles of a page, as answers include them."""
    return {"title": page.title, "documentTitle": page.seo_title or page.title}


def find_hours(channel: Channel, context: dict[str, Any]) -> list[Hour]:
    """Return the hours of all key events, newest first, for links to them. There are none
    if a reader sees all key events at a glance."""
    shown = context["key_events"]
    if len(shown) < MANY_KEY_EVENTS:
        return []
    times = [(post.created, post.pk) for post in shown]
    if context["more_key_events"]:
        posts = channel.posts.visible().key_events().newest_first()
        times = list(posts.values_list("created", "pk"))
    zone = timezone.get_default_timezone()
    day = timezone.localdate(timezone=zone)
    by_hour: dict[datetime, Hour] = {}
    for index, (created, post_id) in enumerate(times):
        start = timezone.localtime(cursors.to_aware(created), zone)
        start = start.replace(minute=0, second=0, microsecond=0)
        if start not in by_hour:
            is_new_day, day = start.date() != day, start.date()
            by_hour[start] = Hour(start, post_id, index < len(shown), is_new_day)
    return list(by_hour.values()) if len(by_hour) > 1 else []


def render_template(template: str, context: dict, language: str) -> SafeString:
    """Render for all readers: in the page's language and the site's time zone, with the
    URLs of requests."""
    with (
        as_in_requests(),
        translation.override(language),
        timezone.override(timezone.get_default_timezone()),
    ):
        html = render_to_string(template, context).strip()
    # What was stored by other ways may have characters that UTF-8 or XML refuse.
    return mark_safe(normalise_values(html))  # noqa: S308


def get_page_url(page: Any, request: HttpRequest | None = None) -> str | None:
    """Return the absolute URL of a page on its site, ``None`` if it has none."""
    # A page type can have URLs of its own, as those of a front end.
    return page.specific_deferred.get_full_url(request)


def get_base_url(page: Any, request: HttpRequest | None = None) -> str:
    """Return the URL that relative URLs in the page's content refer to, on the host of the
    page's site; ``""`` if there is no site."""
    parts = page.specific_deferred.get_url_parts(request)
    if parts and parts[1]:
        root_url, path = parts[1:]
    else:
        site = find_site(page)
        if site is None:
            return request.build_absolute_uri("/") if request else ""
        root_url, path = site.root_url, "/"
    return urljoin(get_origin(root_url, request), path)


def get_origin(root_url: str, request: HttpRequest | None = None) -> str:
    """Return the scheme, host and port of a site.

    A request for the site knows the port and the scheme better, and also the host while the
    site is as Wagtail creates it.
    """
    root = urlsplit(root_url)
    if request and root.scheme != "https":
        host, _ = split_domain_port(request.get_host())
        if root.hostname in (host, NEW_SITE):
            return f"{request.scheme}://{request.get_host()}"
    return root_url


def find_site(page: Any) -> Site | None:
    """Return the site of a page, the default site for one that belongs to none."""
    return page.get_site() or Site.objects.filter(is_default_site=True).first()


def permalink(page_url: str | None, post: LivePost) -> str | None:
    return f"{page_url}?post={post.pk}" if page_url else None


def avatar_url(author: PostAuthor, base_url: str) -> str | None:
    """Return the absolute URL of an author's picture, ``None`` without one."""
    return join(base_url, author.picture) if author.picture else None


def profile_url(author: PostAuthor, base_url: str) -> str | None:
    """Return the absolute URL of an author's page, ``None`` without one."""
    return join(base_url, author.url) if author.url else None


def make_absolute(html: str, base_url: str) -> str:
    """Return the HTML with all of its URLs absolute, and otherwise unchanged."""
    return TAG.sub(partial(_replace_tag, base_url), html) if base_url else html


def _replace_tag(base_url: str, tag: re.Match) -> str:
    if not tag["end"]:
        return tag[0]
    is_link = tag["name"].lower() in LINKS
    return ATTRIBUTE.sub(partial(_replace_attribute, base_url, is_link), tag[0])


def _replace_attribute(base_url: str, is_link: bool, attribute: re.Match) -> str:
    name = attribute["name"].lower()
    quote = attribute["quote"] or '"'
    url = unescape(attribute["quoted"] or attribute["bare"] or "")
    if name in LISTS_OF_URLS:
        absolute = CANDIDATE.sub(partial(_replace_candidate, base_url), url)
    # An icon refers to a part of the same content.
    elif name in URLS and url and (is_link or not url.startswith("#")):
        absolute = join(base_url, url)
    else:
        return attribute[0]
    if absolute == url:
        return attribute[0]
    return f"{attribute['start']}{quote}{escape(absolute)}{quote}"


def _replace_candidate(base_url: str, candidate: re.Match) -> str:
    return join(base_url, candidate["url"]) + candidate["rest"]


def join(base_url: str, url: str) -> str:
    """Return the absolute URL, or an invalid one unchanged."""
    try:
        return urljoin(base_url, url.strip())
    except ValueError:
        return url
