"""The view of the forms in which posts are written."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse
from wagtail.rich_text import RichText

from ...models import Channel, LivePost, get_post_block
from ...permissions import get_name
from ...posts.content import find_type
from ..base import JSONView
from .posts import PostForm, post_form
from .rendering import render_form
from .timeline import get_version

BLANK_PREFIX = "live-desk-new"  # desk/drafts.js numbers it


def new_post_form(user: Any, channel: Channel, prefix: str | None = None) -> PostForm:
    """Return the form of a new post, with an empty text block."""
    text = find_type(get_post_block(channel), "text")
    content = [(text, RichText(""))] if text else []
    post = LivePost(
        channel=channel, content=content, author=user, author_name=get_name(user)
    )
    return PostForm(instance=post, for_user=user, prefix=prefix)


class FormView(JSONView):
    """The form of a new or existing post; ``POST`` restores values kept by the browser."""

    def get(self, request, post_id=None):
        post = self.get_post(post_id) if post_id else None
        self.require(self.rights.may_change(post) if post else self.rights.may_draft)
        user = request.user
        channel = self.channel
        form = (
            post_form(post, user, channel, post_id=post_id)
            if post
            else new_post_form(user, channel)
        )
        if request.method == "POST":
            form.fill(request.POST)
        version = post and get_version(post)
        return JsonResponse({"html": render_form(self, form, post), "version": version})

    post = get
