"""The history of a post: list, compare and restore its versions."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.compare import FieldComparison
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.history import ActionColumn, HistoryView

from ... import posts
from ...models import LivePost
from ...page import updates
from ..base import LivePageViewMixin
from .posts import PostForm
from .timeline import get_version, parse_version, show_exactly

REVISION_ID = re.compile("[0-9]{1,18}|earliest|latest|live")


class PostMixin(LivePageViewMixin):
    """A view of one post, for users who may see its desk."""

    model = LivePost
    header_icon = "history"
    history_url_name = "wagtail_live:history"

    def setup(self, request, *args, pk, **kwargs):
        post = get_object_or_404(LivePost.objects.select_related("channel"), pk=pk)
        self.live_post = post
        page_id = post.channel.page_id
        super().setup(request, *args, page_id=page_id, pk=pk, **kwargs)

    def get_page_subtitle(self):
        return str(self.live_post)

    def get_edit_url(self, instance=None):
        return reverse("wagtail_live:edit", args=[self.page.pk, self.live_post.pk])

    def get_section(self):
        return reverse(self.history_url_name, args=[self.live_post.pk]), _("History")


class VersionColumn(ActionColumn):
    def get_actions(self, instance, parent_context):
        # Wagtail offers none for the first version: it expects a log entry of the
        # creation before that of the publication.
        actions = super().get_actions(instance, parent_context)
        is_current = instance.revision_id == self.object.latest_revision_id
        if not actions and instance.revision_id and not is_current:
            args = [self.object.pk, instance.revision_id]
            url = reverse(self.url_names["revisions_revert"], args=args)
            actions = [{"url": url, "label": _("Review this version")}]
        return actions


class PostHistoryView(PostMixin, HistoryView):
    history_results_url_name = "wagtail_live:history_results"
    revisions_revert_url_name = "wagtail_live:revert"
    revisions_compare_url_name = "wagtail_live:compare"

    @cached_property
    def columns(self):
        _action, *others = super().columns
        url_names = {
            "revisions_revert": self.revisions_revert_url_name,
            "revisions_compare": self.revisions_compare_url_name,
        }
        action = VersionColumn(
            "message",
            label=_("Action"),
            object=self.object,
            url_names=url_names,
            user_can_unschedule=False,  # the desk does that
        )
        return [action, *others]

    def user_can_unschedule(self):
        return False


class TimeComparison(FieldComparison):
    """Two times, to the second, in the time zone of the user."""

    def __init__(self, *args):
        super().__init__(*args)
        self.val_a, self.val_b = map(show_exactly, (self.val_a, self.val_b))

    def field_label(self):
        return _("Time")


class TimePanel(FieldPanel):
    def get_comparison_class(self):
        return TimeComparison


class CompareView(PostMixin, generic.RevisionsCompareView):
    edit_handler = ObjectList(
        [*map(FieldPanel, PostForm.Meta.fields), TimePanel("created")]
    ).bind_to_model(LivePost)
    edit_label = gettext_lazy("Live desk")

    def setup(self, request, *args, revision_id_a, revision_id_b, **kwargs):
        if not all(map(REVISION_ID.fullmatch, (revision_id_a, revision_id_b))):
            raise Http404
        ids = {"revision_id_a": revision_id_a, "revision_id_b": revision_id_b}
        super().setup(request, *args, **ids, **kwargs)


class RevertView(PostMixin, WagtailAdminTemplateMixin, TemplateView):
    """A version of a post, with a button to restore it. ``expected`` is the version that
    was current when the user chose this one."""

    template_name = "wagtail_live/desk/revert.html"
    page_title = gettext_lazy("Version")

    @cached_property
    def revision(self):
        revisions = self.live_post.revisions
        return get_object_or_404(revisions, pk=self.kwargs["revision_id"])

    def get_context_data(self, **kwargs):
        version = self.revision.as_object()
        return super().get_context_data(
            revision=self.revision,
            version=version,
            content=updates.render_content(version),
            expected=get_version(self.live_post),
            may_change=self.rights.may_change(self.live_post),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        expected = parse_version(request.POST.get("expected"))
        post, revision = self.live_post, self.revision
        try:
            posts.revert(
                self.channel, post, revision, actor=request.user, expected=expected
            )
        except posts.Conflict:
            messages.error(request, _("Someone else has changed this post."))
        else:
            messages.success(request, _("Post reverted to the selected version."))
        return redirect(self.get_edit_url())
