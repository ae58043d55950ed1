"""``{% load wagtail_live_tags %}{% live_posts page %}`` shows a live blog."""

from django import template
from django.urls import NoReverseMatch

from .. import conf, cursors, timeline, updates
from ..prefetch import prefetch_blocks

register = template.Library()


@register.inclusion_tag("wagtail_live/live_posts.html", takes_context=True)
def live_posts(context, page):
    """The posts of a live page, newest first, kept up to date in the browser.

    ``?before=…`` in the page's address asks for older ones.
    """
    if not page.pk:
        return {"posts": []}
    # The cursor is read before the posts: what is committed in between comes again with
    # the first answer, instead of never.
    channel = page.live_channel
    request = context.get("request")
    before = timeline.parse_position(request.GET.get("before") if request else None)
    posts, has_older = timeline.newest(channel, before=before)
    prefetch_blocks(posts)
    return {
        "page": page,
        "posts": posts,
        "before": before and before.value,
        "older": posts[-1].position if has_older else None,
        "cursor": repr(cursors.to_timestamp(channel.last_updated_at)),
        "url": _updates_url(channel),
        "timeout": conf.get_polling_timeout(),
    }


@register.simple_tag
def live_post(post, is_pinned=False):
    """One post, as every update brings it."""
    return updates.render_post(post, is_pinned=is_pinned)


def _updates_url(channel):
    """Empty where the site does not include our URLs: the page works, but is not live."""
    try:
        return conf.get_publisher().get_url(channel.channel_id)
    except NoReverseMatch:
        return ""
