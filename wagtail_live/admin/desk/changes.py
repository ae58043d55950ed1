"""The requests of an open desk: for changes, and for the other users at the desk."""

from __future__ import annotations

from uuid import UUID

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.utils.html import conditional_escape
from django.utils.translation import gettext as _

from ... import cursors, posts
from ...desks import people
from ...page.updates import changes_since, is_history_complete, prefetch_blocks
from ...search import index_posts
from ..base import JSONView, json_error
from .buttons import get_labels
from .editing import BLANK_PREFIX, new_post_form
from .overview import render_overview, render_visibility
from .rendering import render_form
from .stage import render_stage_form
from .timeline import (
    Filters,
    count_waiting,
    describe,
    list_posts,
    list_scheduled,
    parse_version,
    render_posts,
)

MAX_CHANGES = 60


class PostsView(JSONView):
    """A page of the timeline."""

    def get(self, request):
        filters = Filters(self.channel, request.GET)
        before = request.GET.get("before")
        posts, older = list_posts(filters, before)
        scheduled = [] if before else list_scheduled(filters)
        return JsonResponse(
            {
                "html": render_posts(posts, self.rights),
                "scheduled": render_posts(scheduled, self.rights),
                "older": older,
                "cursor": cursors.to_timestamp(self.channel.last_updated_at),
            }
        )


class ChangesView(JSONView):
    """The changes after a cursor, drafts included, and the other users at the desk."""

    def get(self, request):
        since = parse_version(request.GET.get("since"))
        if since is None:
            return json_error(_("The parameter “since” is missing or not valid."), 400)
        if self.channel.ends_at and self.channel.ends_at <= cursors.now():
            posts.end_due(cursors.now())
            del self.channel
        data = {
            "cursor": cursors.to_timestamp(self.channel.last_updated_at),
            "people": self.find_people(),
            "token": get_token(request),
            "buttons": get_labels(self.page, self.rights),
        }
        state = self.desk_state
        if request.GET.get("rights", state) != state:
            data |= self.describe_rights()
        elif self.channel.last_updated_at > since:
            data |= self.get_changes(since)
        return JsonResponse(data)

    def find_people(self) -> list[dict]:
        """Note that the user is here, and return the others. Nobody is noted before the
        page has a channel."""
        if self.channel.pk is None:
            return []
        user, tab = self.request.user, self.request.GET.get("tab", "")[: people.MAX_TAB]
        people.update_presence(self.channel, user, self.editing, tab)
        return people.find_others(self.channel, user)

    @property
    def editing(self) -> UUID | None:
        try:
            return UUID(self.request.GET.get("editing", ""))
        except ValueError:
            return None

    def describe_rights(self) -> dict:
        """Return what differs on the desk of a user whose rights have changed, or whose
        readers no longer see the page."""
        rights, user = self.rights, self.request.user
        form = None
        if rights.may_draft:
            form = new_post_form(user, self.channel, BLANK_PREFIX)
        return {
            "rights": {
                "version": self.desk_state,
                "visibility": render_visibility(self.page, rights),
                "lock": rights.lock
                and conditional_escape(rights.lock.get_message(user)),
                "form": form and render_form(self, form),
            },
            "head": render_overview(self.channel, rights),
            "stage": render_stage_form(self.page, self.channel, rights),
            "waiting": count_waiting(self.channel, rights),
            "reload": True,  # the posts have other buttons
        }

    def get_changes(self, since) -> dict:
        changes = changes_since(
            self.channel, since, with_drafts=True, limit=MAX_CHANGES
        )
        posts = changes.posts
        if len(posts) == MAX_CHANGES or not is_history_complete(self.channel, since):
            return {"reload": True}
        prefetch_blocks(posts)
        filters = Filters(self.channel, self.request.GET)
        listed = self.get_listed(filters, posts)
        data = {
            "posts": [
                {**describe(post, self.rights), "listed": post.pk in listed}
                for post in posts
            ],
            "waiting": count_waiting(self.channel, self.rights),
            "choices": filters.choices,
            "removals": [post_id for _, post_id in changes.removals],
        }
        if changes.is_overview_changed:
            data["head"] = render_overview(self.channel, self.rights)
        if changes.is_stage_changed:
            data["stage"] = render_stage_form(self.page, self.channel, self.rights)
        return data

    def get_listed(self, filters, posts) -> set[UUID]:
        """Return the ids of those posts that match the filters."""
        ids = {post.pk for post in posts}
        if not ids or not filters.chosen:
            return ids
        if "q" in filters.chosen:
            index_posts(list(ids))  # not yet indexed in the background
        listed = filters.filter(self.channel.posts.filter(pk__in=ids))
        return set(listed.values_list("pk", flat=True))


class LeaveView(JSONView):
    """Record that the user has closed the desk."""

    def post(self, request):
        if self.channel.pk:
            tab = request.POST.get("tab", "")[: people.MAX_TAB]
            people.leave(self.channel, request.user.pk, tab)
        return JsonResponse({})
