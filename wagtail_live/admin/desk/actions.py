"""The actions on a post: change its status, pin it, delete it, undo a deletion."""

from __future__ import annotations

from django.core import signing
from django.http import JsonResponse
from django.utils.translation import gettext as _

from ... import posts
from ..base import JSONView, json_error
from .timeline import describe

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


class ActionView(JSONView):
    """One of ``ACTIONS`` on a post."""

    def post(self, request, post_id, action):
        post, user = self.get_post(post_id), request.user
        may_change = action in FOR_EDITORS and self.rights.may_change(post)
        self.require(self.rights.may_publish or may_change)
        if action == "pin":
            posts.pin(self.channel, post, actor=user)
        elif action == "unpin":
            if self.channel.pinned_post_id == post.pk:
                posts.pin(self.channel, None, actor=user)
        else:
            posts.edit(self.channel, post, actor=user, **ACTIONS[action])
        return JsonResponse({"post": describe(post, self.rights)})


class DeleteView(JSONView):
    """Delete a post, and return what ``UndoView`` needs to restore it."""

    def post(self, request, post_id):
        post = self.get_post(post_id)
        snapshot = posts.snapshot(post)
        posts.delete(self.channel, post, actor=request.user)
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
        post = posts.restore(self.channel, snapshot, actor=request.user)
        return JsonResponse({"post": describe(post, self.rights)})


def get_undo_salt(channel) -> str:
    return f"wagtail_live.admin.desk.undo.{channel.pk}"
