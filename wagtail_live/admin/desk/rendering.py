"""The form of a post, and a conflict of two versions, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from ... import presets
from ...models import LivePost
from ...page import updates
from ..base import JSONView, json_error
from .authors import get_field_context, get_shown_authors
from .timeline import get_version, render_post, render_time

if TYPE_CHECKING:
    from .posts import PostForm


def render_form(view: JSONView, form: PostForm, post: LivePost | None = None) -> str:
    context = {
        "form": form,
        "post": post,
        "status": post and str(post.status),
        "rights": view.rights,
        "version": post and get_version(post),
        "presets": [] if post else presets.describe(view.channel, view.page),
        **get_field_context(view.request.user, form.instance),
    }
    return render_to_string("wagtail_live/desk/form.html", context, view.request)


def show_conflict(view: JSONView, form: PostForm, theirs: LivePost) -> JsonResponse:
    """Return the response with the version of the form and the one of somebody else."""
    mine = form.build_post(view.channel)
    user = theirs.latest_revision and theirs.latest_revision.user
    context = {
        "theirs": theirs,
        "their_content": updates.render_content(theirs),
        "their_authors": get_shown_authors(theirs),
        "their_name": user and user_display_name(user),
        "is_own": user == view.request.user,
        "time": render_time(theirs.updated_at, "clock"),
        "mine": mine,
        "my_content": updates.render_content(mine),
        "my_authors": get_shown_authors(mine),
        "is_moved": bool(form.time_fields),
    }
    return json_error(
        _("Someone else has changed this post."),
        409,
        conflict=render_to_string("wagtail_live/desk/conflict.html", context),
        version=get_version(theirs),
        html=render_post(theirs, view.rights),
    )
