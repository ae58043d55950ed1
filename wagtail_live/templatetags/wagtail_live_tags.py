"""The template tags: ``{% load wagtail_live_tags %}{% live_posts page %}``."""

from uuid import UUID

from django import template
from django.core.handlers.wsgi import WSGIRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe
from wagtail import hooks
from wagtail.images.models import AbstractImage

from .. import conf, cursors
from ..blocks import get_alt
from ..delivery import access
from ..models import Channel, ChannelState
from ..models.post import walk
from ..page import (
    element,
    rendering,
    structured_data,
    summaries,
    timeline,
    updates,
)
from ..publishers import get_client_urls
from ..renditions import find_alt_text, find_renditions, get_words
from ..text import order_headings as order
from ..text import set_direction

register = template.Library()

MAX_LIVE_CHANNELS = 5
MAX_LIVE_CHANNELS_READ = 200  # most of which may be private
MAX_SEARCHED = 20  # key events, for one with an image
PREVIEW = "fill-1200x630"
OPEN_GRAPH = {"video": "og:video", "audio": "og:audio"}
FEEDS = {
    "application/atom+xml": "live-atom-feed",
    "application/feed+json": "live-json-feed",
}


@register.inclusion_tag("wagtail_live/live_blog.html", takes_context=True)
def live_posts(context, page):
    """Render the posts of a live page, newest first; the browser keeps them up to date.

    ``?before=…`` in the page's URL shows older ones, ``?post=…`` a post and those around it.
    """
    if not page.pk:
        return describe_new(page)
    request = context.get("request")
    preview = getattr(request, "live_post_preview", None)
    if preview and preview.channel.page_id == page.pk:
        return describe_preview(page, preview)
    # The cursor is read before the posts: a change that is committed in between is sent
    # again, not missed.
    channel = page.live_channel
    query = request.GET if request else {}
    post, is_withdrawn = find_post(channel, query.get("post"))
    is_key_view = "key" in query and not post
    if post:
        posts, before, older = timeline.get_page_around(channel, post)
    else:
        before = timeline.parse_position(query.get("before"))
        shown = channel.posts.visible().with_oldest(channel)
        shown = shown.key_events() if is_key_view else shown
        posts, before, older = timeline.get_posts_page(shown, before)
    for each in posts:
        if each.pk == channel.pinned_post_id:
            channel.pinned_post = each  # with its blocks, which have been read
    data = structured_data.get_structured_data(page, channel, posts, request)
    scope = getattr(request, "scope", {})
    is_behind_middleware = bool(scope.get("wagtail_live.middleware"))
    has_engine = conf.get_engine() is not None
    urls = get_client_urls(
        channel.channel_id,
        prefers_streams=is_behind_middleware or has_engine,
        is_wsgi=isinstance(request, WSGIRequest) and not has_engine,
    )
    stage = rendering.find_stage(channel, find_stage_page(page, channel, request))
    attributes = element.get_attributes(channel, urls)
    titles = rendering.get_titles(page)
    attributes |= element.get_titles(titles, titles | stage)
    positions = {"before": before, "older": older, "marked": post and str(post.pk)}
    attributes |= {name: value for name, value in positions.items() if value}
    head = updates.render_overview(channel)["head"]
    attributes |= element.get_layout(head, posts)
    if every := conf.get_between_posts():
        attributes["between"] = str(every)
    if is_key_view:
        attributes["key-events"] = "page"
    return {
        "page": page,
        "channel": channel,
        "attributes": attributes,
        "is_followed": "interval-polling" in attributes,
        "stage": stage.get("stage", ""),
        "head": head,
        "posts": posts,
        "between": timeline.find_between(channel, posts, every) if every else (),
        "is_key_view": is_key_view,
        "before": before,
        "older": older,
        "marked_post": post,
        "is_withdrawn": is_withdrawn,
        "structured_data": structured_data.to_script(data),
        "csp_nonce": get_nonce(context),
    }


def find_stage_page(page, channel, request):
    """Return the page that the stage shows: in a preview the given one, otherwise as it is
    stored. What was read before the channel may miss a change before its cursor."""
    if page.pk != channel.page_id:
        return None
    if getattr(request, "is_preview", False):
        return page
    return page.specific_class._default_manager.filter(pk=page.pk).first() or page


def describe_new(page, channel=None, head="", posts=()):
    """Return the context of a page that has not been saved, as in its preview."""
    new = Channel(page=page)
    layout = element.get_layout(head, posts)
    return {
        "page": page,
        "channel": channel or new,
        "attributes": element.get_attributes(new, {}) | layout,
        "stage": rendering.render_stage(new, page)["stage"],
        "head": head,
        "posts": posts,
    }


def describe_preview(page, post):
    """Return the context of a page with a post that is not saved. Nothing follows it."""
    channel, head, posts = post.channel, "", []
    if channel.pk:
        head = updates.render_overview(channel)["head"]
        posts = timeline.get_page_around(channel, post).posts
    posts = [post, *(each for each in posts if each.pk != post.pk)]
    posts.sort(key=lambda each: each.position, reverse=True)
    return describe_new(page, channel, head, posts)


@register.inclusion_tag("wagtail_live/live_head.html", takes_context=True)
def live_head(context, page):
    """Render the canonical URL, feeds and Open Graph tags for the ``<head>`` of a live
    page, or of the post that ``?post=…`` names."""
    request = context.get("request")
    channel = page.find_channel()
    post = None
    if channel and request:
        post, _ = find_post(channel, request.GET.get("post"))
    url = rendering.get_page_url(page, request)
    base_url = rendering.get_base_url(page, request)
    media = find_first_media(post, base_url) if post else None
    return {
        "page": page,
        "post": post,
        "url": url,
        "post_url": rendering.permalink(url, post) if post else None,
        **find_preview(page, post, media, base_url),
        "author_urls": find_author_urls(post, base_url) if post else [],
        "media": media,
        "feeds": find_alternates(page, channel, request) if channel else {},
    }


@register.inclusion_tag("wagtail_live/live_now.html")
def live_now():
    """Render links to the pages that are live and open to everybody, latest first."""
    channels = Channel.objects.filter(state=ChannelState.LIVE, page__live=True)
    channels = channels.select_related("page").order_by("-seen_updated_at")
    found = []
    for start in range(0, MAX_LIVE_CHANNELS_READ, MAX_LIVE_CHANNELS * 2):
        some = list(channels[start : start + MAX_LIVE_CHANNELS * 2])
        public = access.public_channels(some)
        found += [channel for channel in some if channel.channel_id in public]
        if len(found) >= MAX_LIVE_CHANNELS or len(some) < MAX_LIVE_CHANNELS * 2:
            break
    return {"channels": found[:MAX_LIVE_CHANNELS]}


@register.inclusion_tag("wagtail_live/live_summary.html", takes_context=True)
def live_badge(context, page):
    """Render the mark of a page that is live or paused. It stays up to date."""
    return describe_summary(context, page, "badge")


@register.inclusion_tag("wagtail_live/live_summary.html", takes_context=True)
def live_teaser(context, page):
    """Render the mark of a page and its newest three headlines. It stays up to date."""
    return describe_summary(context, page, "teaser")


def describe_summary(context, page, name):
    """Return the context of a badge or a teaser, without a channel for a page that is not
    open to everybody."""
    request = context.get("request")
    channel = Channel.objects.find_for_page(page) if page.pk else None
    if channel and channel.page_id == page.pk:
        channel.page = page
    if not channel or not access.public_channels([channel]):
        return {"channel": None}
    if name == "badge":
        html = summaries.render_badge(channel)
    else:
        html = summaries.render_teaser(channel, request)
    return {
        "name": name,
        "channel": channel,
        "html": html,
        "url": element.get_summaries_url(),
        "interval": conf.get_polling_interval(),
        "direction": element.get_direction(channel),
        "csp_nonce": get_nonce(context),
    }


def get_nonce(context):
    """Return the nonce of Django 6's context processor or of django-csp's middleware."""
    request = context.get("request")
    return context.get("csp_nonce") or getattr(request, "csp_nonce", "")


@register.simple_tag
def live_post(post, is_pinned=False, is_listed=False):
    """Render one post, in the same way as for updates; but in the list of a page, mark
    the post that is pinned above it, as the script does after updates."""
    is_repeated = is_listed and post.pk == post.channel.pinned_post_id
    return updates.render_post(post, is_pinned=is_pinned, is_repeated=is_repeated)


@register.simple_tag
def live_clock(since, offset=0, limit=None):
    """Render the minute of a match, which the browser keeps counting. A half that began
    ``since`` then starts after ``offset`` minutes, and has overtime after ``limit``."""
    if not since:
        return ""
    minute = element.get_minute(since, offset, limit)
    return format_html(
        '<time class="live-blog__clock" datetime="{}" data-offset="{}" data-limit="{}">{}</time>',
        since.isoformat(),
        offset,
        limit or "",
        minute,
    )


@register.simple_tag
def live_day(posts, index):
    """Return the day that begins at a post in a list, in the site's time zone; the first
    one only if it isn't today. The browser does the same in the reader's zone."""
    zone = timezone.get_default_timezone()

    def get_day(moment):
        return cursors.to_aware(moment).astimezone(zone).date()

    day = get_day(posts[index].created)
    before = get_day(posts[index - 1].created if index else cursors.now())
    return day if day != before else None


@register.filter
def auto_direction(html):
    """Let each paragraph, list, heading and quote of rich text run in its own direction."""
    return mark_safe(set_direction(conditional_escape(html)))  # noqa: S308


@register.filter
def order_headings(html, title=""):
    """Close the gaps between the levels of headings in a post, below its title."""
    return mark_safe(order(conditional_escape(html), 3 if title else 2))  # noqa: S308


def find_post(channel, post_id):
    """Return the visible post with this id, and whether it has been withdrawn."""
    try:
        post_id = UUID(post_id or "")
    except ValueError:
        return None, False
    post = channel.posts.seen().filter(pk=post_id).first()
    if post is None:
        gone = channel.tombstones.filter(post_id=post_id, was_published=True)
        return None, gone.exists()
    return (post, False) if post.show else (None, True)


def find_alternates(page, channel, request):
    """Return the URLs of other forms of a page by their content type: its feeds, and those
    that apps add with the hook ``register_live_alternates(page, channel, request)``."""
    added = hooks.get_hooks("register_live_alternates")
    others = (get_some(page, channel, request) for get_some in added)
    return feed_urls(channel) | dict(pair for pairs in others for pair in pairs)


def find_preview(page, post, media, base_url):
    """Return the image that a page, or one of its posts, is shared with: a post's own,
    otherwise the page's, and for the page that of its newest key event."""
    if post and (preview := find_rendition(post.images, base_url)):
        return preview
    if media and media.get("thumbnailUrl"):
        return {"image_url": media["thumbnailUrl"], "image_alt": media["name"]}
    image = page.get_live_image()
    if image and (preview := find_rendition([image], base_url)):
        return preview
    posts = [] if post else list(page.live_posts.key_events()[:MAX_SEARCHED])
    rendering.prefetch_blocks(posts)
    return find_rendition((each for post in posts for each in post.images), base_url)


def find_rendition(images, base_url):
    """Return the URL and the alt text of the first image whose file can be opened."""
    for image in images:
        for rendition in find_renditions(image, PREVIEW):
            is_of_page = image.contextual_alt_text is None
            alt = find_alt_text(image) if is_of_page else get_alt(image)
            return {
                "image_url": rendering.join(base_url, rendition.url),
                "image_alt": alt or get_words(image)["caption"],
            }
    return {}


def find_first_media(post, base_url):
    """Return the video or audio that a post begins with, but for its text: its
    description in the structured data, with the ``property`` of Open Graph."""
    for child in post.content:
        if any(isinstance(value, AbstractImage) for value in walk(child.value)):
            return None
        for name, found in structured_data.find_parts_of(child, base_url):
            if name in OPEN_GRAPH and found.get("contentUrl"):
                return {**found, "property": OPEN_GRAPH[name]}
    return None


def find_author_urls(post, base_url):
    urls = (rendering.profile_url(author, base_url) for author in post.authors)
    return [url for url in urls if url]


def feed_urls(channel):
    try:
        return {
            content_type: reverse(name, args=[channel.channel_id])
            for content_type, name in FEEDS.items()
        }
    except NoReverseMatch:
        return {}
