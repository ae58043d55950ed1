"""``{% live_article_source page %}``: the link from an article to its post."""

from __future__ import annotations

from typing import Any

from django import template

from ....page.rendering import get_page_url, permalink
from ..blocks import get_public_url
from ..links import find_article

register = template.Library()


@register.inclusion_tag("wagtail_live/article/source.html", takes_context=True)
def live_article_source(context: dict[str, Any], page: Any) -> dict[str, Any]:
    """Show where a page comes from, if readers can see the post."""
    article = find_article(page) if page and page.pk else None
    post = article and article.find_post()
    if not post or not post.show or not get_public_url(article.channel.page):
        return {}
    live_page = article.channel.page.specific
    url = permalink(get_page_url(live_page, context.get("request")), post)
    return {"url": url, "live_page": live_page, "live_post": post}
