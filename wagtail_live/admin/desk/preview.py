"""The preview of a post in the template of its page."""

from __future__ import annotations

import logging
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ...models import AUTHOR_FIELDS, LivePost
from ...page import updates
from ...permissions import UserActor, require_own_name
from ...posts.content import build_content
from ...text import normalise_line
from ..base import JSONView
from .posts import post_form
from .problems import refuse_form
from .rendering import render_form

logger = logging.getLogger("wagtail_live.admin")


class PreviewView(JSONView):
    """A preview of the form's post on its page, as readers will see it. Nothing is saved."""

    def post(self, request, post_id=None):
        post = self.get_post(post_id) if post_id else None
        self.require(self.rights.may_change(post) if post else self.rights.may_draft)
        form = post_form(
            post, request.user, self.channel, request.POST, post_id=post_id
        )
        form.page = self.page
        if not form.is_valid():
            error = _("The post could not be previewed.")
            html = render_form(self, form, post)
            return refuse_form(form, error, html)
        form.post_fields["content"] = build_content(
            form.post_fields["content"], self.channel
        )
        shown = form.build_post(self.channel)
        if not self.rights.may_publish:
            self.require_own_name(shown, post_id)
        if post:
            shown.pk = post.pk
        try:
            html, problem = render_page(self.page, shown, request), ""
        except PreviewFailed as error:
            context = {"post": updates.render_post(shown), "page": self.page}
            html = render_to_string("wagtail_live/desk/preview.html", context, request)
            problem = str(error)
        answer = {"preview": html, "post": str(shown.pk), "problem": problem}
        return JsonResponse(answer)

    def require_own_name(self, shown: LivePost, post_id: UUID | None) -> None:
        """Raise ``OnlyOwnName`` as ``posts`` does when such a post is saved: an editor may
        have given it other authors before."""
        byline = {name: getattr(shown, name) for name in AUTHOR_FIELDS}
        byline["author_name"] = normalise_line(byline["author_name"])
        saved = self.get_post(post_id) if post_id else None
        if saved and all(getattr(saved, name) == byline[name] for name in byline):
            return
        require_own_name(UserActor(self.request.user), **byline)


class PreviewFailed(Exception):
    """The post can't be shown in the page's template; the message says why."""


def render_page(page, post: LivePost, request: HttpRequest) -> str:
    """Return the HTML of the page with a post that is not saved, as Wagtail previews it."""
    if hasattr(page, "create_page_preview"):  # by wagtail-headless-preview
        raise PreviewFailed(
            _("Another site shows this page, so this preview shows the post alone.")
        )
    attributes = {"live_post_preview": post, "in_preview_panel": True}
    try:
        response = page.make_preview_request(
            request, page.default_preview_mode, attributes
        )
    except Exception:  # of the site's code, as with DEBUG_PROPAGATE_EXCEPTIONS
        logger.exception("The preview of page %s failed.", page.pk)
        raise PreviewFailed(explain_failure(500)) from None
    html = response.content.decode(response.charset, errors="replace")
    if response.status_code != 200:
        raise PreviewFailed(explain_failure(response.status_code))
    if str(post.pk) not in html:
        raise PreviewFailed(
            _(
                "The page’s template does not show this post, so this preview shows the "
                "post alone. The template needs the tag “live_posts”."
            )
        )
    return html


def explain_failure(status: int) -> str:
    text = _(
        "The page’s template failed (error %(status)s), so this preview shows the post "
        "alone. Tell the site’s developers: the server’s log has the cause."
    )
    return text % {"status": status}
