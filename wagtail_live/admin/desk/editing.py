"""The view of the forms in which posts are written."""

from __future__ import annotations

from django.http import JsonResponse
from wagtail.rich_text import RichText

from ...models import LivePost
from ...permissions import get_name
from ..base import JSONView
from .posts import PostForm, post_form
from .rendering import render_form
from .timeline import get_version

BLANK_PREFIX = "live-desk-new"  # desk/drafts.js numbers it


def new_post_form(user, prefix: str | None = None) -> PostForm:
    """Return the form of a new post, with an empty text block."""
    blocks = LivePost._meta.get_field("content").stream_block.child_blocks
    content = [("text", RichText(""))] if "text" in blocks else []
    post = LivePost(content=content, author=user, author_name=get_name(user))
    return PostForm(instance=post, for_user=user, prefix=prefix)


class FormView(JSONView):
    """The form of a new or existing post; ``POST`` restores values kept by the browser."""

    def get(self, request, post_id=None):
        post = self.get_post(post_id) if post_id else None
        self.require(self.rights.may_change(post) if post else self.rights.may_draft)
        user = request.user
        form = post_form(post, user, post_id=post_id) if post else new_post_form(user)
        if request.method == "POST":
            form.fill(request.POST)
        version = post and get_version(post)
        return JsonResponse({"html": render_form(self, form, post), "version": version})

    post = get
