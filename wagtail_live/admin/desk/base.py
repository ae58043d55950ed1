"""What all views of the desk share: the page, its channel, and the user's rights."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from ... import cursors, posts
from ...models import LivePost
from .permissions import DeskRights, get_desk_rights, get_live_page
from .rendering import describe


class LivePageMixin:
    """A view below a live page, for those who may edit or publish that page."""

    request: HttpRequest
    rights: DeskRights

    def dispatch(self, request, *args, page_id, **kwargs):
        self.page = get_live_page(page_id)
        self.rights = get_desk_rights(request.user, self.page)
        if not self.rights.may_read:
            return self.refuse()
        return super().dispatch(request, *args, **kwargs)

    def refuse(self) -> HttpResponse:
        return render(self.request, "wagtail_live/desk/forbidden.html", status=403)

    @cached_property
    def channel(self):
        """As it was when first asked: its cursor is older than what is read after."""
        return self.page.live_channel


class AnswerView(LivePageMixin, View):
    """Answers the desk in JSON, also where it refuses.

    A refusal is an object with ``error``, so that the desk can tell it from the login
    page and from whatever a proxy may say.
    """

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied:
            return self.refuse()
        except LivePost.DoesNotExist:
            return refusal(_("This post has been deleted in the meantime."), 410)
        except posts.Withdrawn:
            return refusal(_("This post was published, and deleted since."), 410)

    def refuse(self) -> HttpResponse:
        if getattr(self.rights, "lock", None):
            return refusal(self.rights.lock.get_message(self.request.user), 403)
        return refusal(_("You may not do this on this page."), 403)

    def require(self, is_allowed: bool) -> None:
        if not is_allowed:
            raise PermissionDenied

    def get_post(self, post_id) -> LivePost:
        return self.channel.posts.select_related("author").get(pk=post_id)

    def answer(self, post: LivePost, **others) -> JsonResponse:
        """What became of a post."""
        return JsonResponse({"post": describe(post, self.rights), **others})


def refusal(error: str, status: int, **others) -> JsonResponse:
    return JsonResponse({"error": str(error), **others}, status=status)


def parse_version(value: str | None):
    """The version that a form was made from; ``None`` where it doesn't say."""
    try:
        return cursors.parse([value or ""])
    except cursors.InvalidCursor:
        return None
