"""What a desk that is open asks for: what has changed, and who else is here."""

from __future__ import annotations

from uuid import UUID

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _

from ... import cursors
from ...page.prefetch import prefetch_blocks
from ...page.updates import changes_since, remembers
from ...search import index_posts
from ..base import JSONView, json_error
from . import presence
from .rendering import count_waiting, describe, parse_version, render_head, render_posts
from .timeline import Filters, get_page

MOST_CHANGES = 60


class PostsView(JSONView):
    """One page of the timeline."""

    def get(self, request):
        filters = Filters(self.channel, request.GET)
        page, older = get_page(filters, request.GET.get("before"))
        return JsonResponse(
            {
                "html": render_posts(page, self.rights),
                "older": older,
                "cursor": cursors.to_timestamp(self.channel.last_updated_at),
            }
        )


class ChangesView(JSONView):
    """What came after a cursor, drafts included; a few queries where nothing did."""

    def get(self, request):
        since = parse_version(request.GET.get("since"))
        if since is None:
            return json_error(_("The position is missing."), 400)
        answer = {
            "cursor": cursors.to_timestamp(self.channel.last_updated_at),
            "people": presence.arrive(self.channel, request.user, self.editing),
            "token": get_token(request),
        }
        if self.channel.last_updated_at > since:
            answer |= self.get_changes(since)
        return JsonResponse(answer)

    @property
    def editing(self) -> UUID | None:
        try:
            return UUID(self.request.GET.get("editing", ""))
        except ValueError:
            return None

    def get_changes(self, since) -> dict:
        changes = changes_since(
            self.channel, since, with_drafts=True, most=MOST_CHANGES
        )
        posts = changes.posts
        if len(posts) == MOST_CHANGES or not remembers(self.channel, since):
            return {"reload": True}
        prefetch_blocks(posts)
        listed = self.get_listed(posts)
        answer = {
            "posts": [
                {**describe(post, self.rights), "listed": post.pk in listed}
                for post in posts
            ],
            "waiting": count_waiting(self.channel, self.rights),
            "removals": [post_id for _, post_id in changes.removals],
        }
        if changes.is_overview_changed:
            answer["head"] = render_head(self.channel, self.rights)
        return answer

    def get_listed(self, posts) -> set[UUID]:
        """Which of the posts the desk lists, as it is filtered."""
        ids = {post.pk for post in posts}
        filters = Filters(self.channel, self.request.GET)
        if not ids or not filters.chosen:
            return ids
        if "q" in filters.chosen:
            index_posts(list(ids))  # who wrote them just now may not have come to it
        listed = filters.filter(self.channel.posts.filter(pk__in=ids))
        return set(listed.values_list("pk", flat=True))


class LeaveView(JSONView):
    """The desk was closed."""

    http_method_names = ("post",)

    def post(self, request):
        presence.leave(self.channel, request.user)
        return JsonResponse({})
