"""The actions on a post: change its status, pin it, delete it, undo a deletion."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import JsonResponse
from django.utils.translation import gettext as _

from ... import posts
from ...models import LivePost
from ..base import JSONView, json_error
from .overview import render_overview
from .timeline import describe, parse_version

ACTIONS = {
    "hide": {"show": False, "go_live_at": None},
    "show": {"show": True},
    "publish": {"show": True},
    "key": {"is_key_event": True},
    "unkey": {"is_key_event": False},
    "submit": {"submitted": True},
    "draft": {"show": False, "go_live_at": None, "submitted": False},
    "pin": {},
    "unpin": {},
}
FOR_EDITORS = ("key", "unkey", "submit")
UNDO_SECONDS = 24 * 60 * 60


class ChangeView(JSONView):
    """A change of a post that refuses to undo what somebody else has done meanwhile.

    ``expected`` is the version of the post that the user saw, and ``pinned`` the id of
    the pinned post. Without them a change is made in any case.
    """

    def post(self, request, *args, **kwargs):
        try:
            return self.change(request, *args, **kwargs)
        except posts.Conflict as conflict:
            return self.show_conflict(conflict.post)

    @property
    def expected(self) -> datetime | None:
        return parse_version(self.request.POST.get("expected"))

    def show_conflict(self, post: LivePost | None) -> JsonResponse:
        error = _("Someone else has changed this post.")
        return json_error(error, 409, post=post and describe(post, self.rights))


class ActionView(ChangeView):
    """One of ``ACTIONS`` on a post."""

    def change(self, request, post_id, action):
        post, user = self.get_post(post_id), request.user
        may_change = action in FOR_EDITORS and self.rights.may_change(post)
        self.require(self.rights.may_publish or may_change)
        if action == "pin":
            posts.pin(self.channel, post, actor=user, expected=self.pinned)
        elif action == "unpin":
            if self.channel.pinned_post_id == post.pk:
                posts.pin(self.channel, None, actor=user, expected=post.pk)
        else:
            values = ACTIONS[action]
            post = posts.edit(
                self.channel, post, actor=user, expected=self.expected, **values
            )
        return JsonResponse({"post": describe(post, self.rights)})

    @property
    def pinned(self) -> Any:
        """The id of the post that was pinned when the user chose to pin another."""
        value = self.request.POST.get("pinned")
        if value is None:
            return posts.UNCHANGED
        try:
            return UUID(value)
        except ValueError:
            return None

    def show_conflict(self, post):
        if self.kwargs["action"] not in ("pin", "unpin"):
            return super().show_conflict(post)
        head = render_overview(self.page.live_channel, self.rights)
        error = _("Someone else has changed which post is pinned.")
        return json_error(error, 409, head=head)


class DeleteView(ChangeView):
    """Delete a post, and return what ``UndoView`` needs to restore it."""

    def change(self, request, post_id):
        snapshot = posts.delete(
            self.channel,
            self.get_post(post_id),
            actor=request.user,
            expected=self.expected,
        )
        undo = signing.dumps(snapshot, salt=get_undo_salt(self.channel), compress=True)
        return JsonResponse({"removed": str(post_id), "undo": undo})


class UndoView(JSONView):
    """Restore a deleted post."""

    def post(self, request):
        try:
            snapshot = signing.loads(
                request.POST.get("undo", ""),
                salt=get_undo_salt(self.channel),
                max_age=UNDO_SECONDS,
            )
        except signing.BadSignature:
            return json_error(_("This can no longer be undone."), 400)
        try:
            post = posts.restore(self.channel, snapshot, actor=request.user)
        except posts.Withdrawn:
            return json_error(_("This can no longer be undone."), 410)
        return JsonResponse({"post": describe(post, self.rights)})


def get_undo_salt(channel) -> str:
    return f"wagtail_live.admin.desk.undo.{channel.pk}"
