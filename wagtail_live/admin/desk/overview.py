"""The overview above the posts: state and key points of the live blog."""

from __future__ import annotations

import math
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name
from wagtail.rich_text import RichText

from ... import cursors, posts
from ...models import Channel, ChannelState
from ...page.visibility import PageState, get_visibility
from ...posts.lock import lock_channel
from ...rich_text import clean_rich_text, to_editor
from ..base import DeskForm, DeskRights, JSONView, json_error
from .problems import refuse_form
from .timeline import render_time


class SummaryForm(DeskForm):
    class Meta:
        model = Channel
        fields = ("summary",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.expected = self.initial["summary"]
        self.initial["summary"] = to_editor(self.expected)


def render_overview(channel: Channel, rights: DeskRights) -> dict:
    """Return the HTML of state and key points, and the id of the pinned post."""
    remaining = channel.ends_at and (channel.ends_at - cursors.now()).total_seconds()
    context = {
        "channel": channel,
        "rights": rights,
        "ends_in": remaining and max(0, math.ceil(remaining)),
    }
    return {
        "html": render_to_string("wagtail_live/desk/head.html", context),
        "pinned": channel.pinned_post_id and str(channel.pinned_post_id),
    }


def render_visibility(page: Any, rights: DeskRights) -> str:
    """Return the HTML of why readers can't see the page; ``""`` if they can."""
    state, moment = get_visibility(page)
    if state == PageState.LIVE:
        return ""
    context = {
        "page": page,
        "state": state.value,
        "time": moment and render_time(moment, "schedule"),
        "may_publish": rights.may_publish,
    }
    return render_to_string("wagtail_live/desk/visibility.html", context)


def with_plain_line_ends(text: str) -> str:
    """Return the text as it was before a browser sent it in a form."""
    return text.replace("\r\n", "\n")


class StateView(JSONView):
    """Start, pause, end or reopen the live blog. The end comes after ten seconds, in which
    the current state takes it back."""

    def post(self, request):
        state = request.POST.get("state")
        if state not in ChannelState:
            raise PermissionDenied
        known = {"actor": request.user, "expected": request.POST.get("expected")}
        try:
            if state == ChannelState.ENDED:
                channel = posts.end_soon(self.channel, **known)
            else:
                channel = posts.set_state(self.channel, state, **known)
        except posts.Conflict:
            channel = self.page.live_channel
            error = _("Someone else has changed the state of the page.")
            if channel.state == ChannelState.ENDED:
                error = _("The live blog has ended. Choose “Reopen” to continue.")
            return json_error(error, 409, head=render_overview(channel, self.rights))
        return JsonResponse({"head": render_overview(channel, self.rights)})


class SummaryView(JSONView):
    """The form of the key points. ``expected`` is the text that the editor started from."""

    def get(self, request):
        self.require(self.rights.may_publish)
        form = SummaryForm(instance=self.channel, prefix="key-points")
        return JsonResponse({"html": self.render(form)})

    def post(self, request):
        self.require(self.rights.may_publish)
        form = SummaryForm(request.POST, instance=self.channel, prefix="key-points")
        if not form.is_valid():
            error = _("The key points could not be saved.")
            html = self.render(form)
            return refuse_form(form, error, html)
        mine = clean_rich_text(form.cleaned_data["summary"])
        with lock_channel(self.channel) as lock:
            theirs = lock.channel.summary
            expected = with_plain_line_ends(request.POST.get("expected", ""))
            is_conflict = with_plain_line_ends(theirs) != expected and theirs != mine
            if not is_conflict:
                channel = posts.summarise(
                    lock.channel, RichText(mine), actor=request.user
                )
        if is_conflict:
            user = lock.channel.summarised_by
            changed_at = lock.channel.summarised_at or lock.channel.overview_updated_at
            context = {
                "my_summary": mine,
                "their_summary": theirs,
                "their_name": user and user_display_name(user),
                "is_own": user == request.user,
                "time": render_time(changed_at, "clock"),
            }
            return json_error(
                _("Someone else has changed the key points."),
                409,
                conflict=render_to_string("wagtail_live/desk/conflict.html", context),
                version=theirs,
            )
        return JsonResponse({"head": render_overview(channel, self.rights)})

    def render(self, form):
        context = {"form": form, "expected": form.expected}
        template = "wagtail_live/desk/summary_form.html"
        return render_to_string(template, context, self.request)
