"""The requests of an open desk: for changes, and for the other users at the desk."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from ... import cursors
from ...models import Channel, DeskPresence
from ...page.updates import changes_since, is_history_complete, prefetch_blocks
from ...search import index_posts
from ..base import JSONView, json_error
from .overview import render_overview
from .timeline import (
    Filters,
    count_waiting,
    describe,
    list_posts,
    parse_version,
    render_posts,
)

MAX_CHANGES = 60
PRESENCE_INTERVAL = timedelta(seconds=8)


class PostsView(JSONView):
    """A page of the timeline."""

    def get(self, request):
        filters = Filters(self.channel, request.GET)
        posts, older = list_posts(filters, request.GET.get("before"))
        return JsonResponse(
            {
                "html": render_posts(posts, self.rights),
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
        data = {
            "cursor": cursors.to_timestamp(self.channel.last_updated_at),
            "people": update_presence(self.channel, request.user, self.editing),
            "token": get_token(request),
        }
        if self.channel.last_updated_at > since:
            data |= self.get_changes(since)
        return JsonResponse(data)

    @property
    def editing(self) -> UUID | None:
        try:
            return UUID(self.request.GET.get("editing", ""))
        except ValueError:
            return None

    def get_changes(self, since) -> dict:
        changes = changes_since(
            self.channel, since, with_drafts=True, limit=MAX_CHANGES
        )
        posts = changes.posts
        if len(posts) == MAX_CHANGES or not is_history_complete(self.channel, since):
            return {"reload": True}
        prefetch_blocks(posts)
        listed = self.get_listed(posts)
        data = {
            "posts": [
                {**describe(post, self.rights), "listed": post.pk in listed}
                for post in posts
            ],
            "waiting": count_waiting(self.channel, self.rights),
            "removals": [post_id for _, post_id in changes.removals],
        }
        if changes.is_overview_changed:
            data["head"] = render_overview(self.channel, self.rights)
        return data

    def get_listed(self, posts) -> set[UUID]:
        """Return the ids of those posts that match the filters."""
        ids = {post.pk for post in posts}
        filters = Filters(self.channel, self.request.GET)
        if not ids or not filters.chosen:
            return ids
        if "q" in filters.chosen:
            index_posts(list(ids))  # not yet indexed in the background
        listed = filters.filter(self.channel.posts.filter(pk__in=ids))
        return set(listed.values_list("pk", flat=True))


class LeaveView(JSONView):
    """Record that the user has closed the desk."""

    def post(self, request):
        present = DeskPresence.objects.filter(channel=self.channel.pk)
        present.filter(user=request.user).delete()
        return JsonResponse({})


def update_presence(channel: Channel, user, post_id: UUID | None) -> list[dict]:
    """Record that a user is at the desk, and the post being edited; return the others.

    Nothing is recorded before the page has a channel.
    """
    if channel.pk is None:
        return []
    now = cursors.now()
    present = channel.presences.current().select_related("user")
    present = {each.user_id: each for each in present}
    own = present.pop(user.pk, None)
    if own is None or own.post_id != post_id or own.seen_at < now - PRESENCE_INTERVAL:
        values = {"post_id": post_id, "seen_at": now}
        # Not in one transaction, so that each write waits for the lock of SQLite. The
        # poll goes on without it if that takes too long.
        with suppress(OperationalError):
            if not channel.presences.filter(user=user).update(**values):
                # Another tab of the same user may have created the row.
                with suppress(IntegrityError), transaction.atomic():
                    DeskPresence.objects.create(channel=channel, user=user, **values)
    return [
        {
            "name": user_display_name(each.user),
            "post": each.post_id and str(each.post_id),
        }
        for each in sorted(present.values(), key=lambda each: each.pk)
    ]
