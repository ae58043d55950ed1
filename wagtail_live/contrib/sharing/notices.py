"""The texts on the desk about posts that follow an original."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ...models import LivePost
from ...permissions import may_read
from .models import SharedPost
from .privacy import is_public


def describe_links(page: Any, user: Any) -> Callable[[LivePost], Iterator[Any]] | None:
    """Return the function that describes the link of a post of this page."""
    links = SharedPost.objects.filter(channel__page=page, ended="")
    found = {
        link.post_id: link for link in links.select_related("original_channel__page")
    }
    if not found:
        return None

    def describe(post: LivePost) -> Iterator[Any]:
        if link := found.get(post.pk):
            text = _(
                "This post follows its original on {page}. If you edit, hide or delete it "
                "here, it no longer does."
            )
            yield format_html(text, page=name_page(link, user))

    return describe


def name_page(link: SharedPost, user: Any) -> Any:
    """Return the title of the page of the original, with a link to it on its desk; neither
    if the user may know nothing of the page."""
    page = link.original_channel.page
    title = page.get_admin_display_title()
    if may_read(user, page.specific_deferred):
        url = reverse("wagtail_live:index", args=[page.pk])
        return format_html(
            '<a href="{}?post={}" dir="auto">{}</a>', url, link.original_id, title
        )
    return format_html("“{}”", title) if is_public(page) else _("another page")
