"""The desk itself, and the list of the desks that a user may open."""

from __future__ import annotations

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import HeaderButton

from ... import cursors
from ...receivers import get_receivers
from ..base import LivePageViewMixin
from .forms import SummaryForm, new_post_form
from .rendering import count_waiting, render_head, render_posts
from .texts import get_texts
from .timeline import Filters, get_page
from .writing import render_form


class DeskView(LivePageViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """A composer, and below it the timeline."""

    template_name = "wagtail_live/desk/desk.html"
    page_title = gettext_lazy("Live desk")

    def get_breadcrumbs_items(self):
        return super().get_breadcrumbs_items()[:-1]

    @property
    def header_buttons(self):
        editor = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        yield HeaderButton(_("Edit page"), editor, icon_name="edit", priority=20)
        if self.rights.may_publish and get_receivers():
            sources = reverse("wagtail_live:sources", args=[self.page.pk])
            yield HeaderButton(_("Sources"), sources, icon_name="mail", priority=30)
        if self.page.live and self.page.url:
            yield HeaderButton(
                _("View live page"), self.page.url, icon_name="view", priority=10
            )

    def get_context_data(self, **kwargs):
        channel, rights, user = self.channel, self.rights, self.request.user
        filters = Filters(channel, self.request.GET)
        posts, older = get_page(filters)
        form = new_post_form(user)
        head = render_head(channel, rights)
        summary_form = SummaryForm(instance=channel)
        return super().get_context_data(
            page=self.page,
            channel=channel,
            cursor=repr(cursors.to_timestamp(channel.last_updated_at)),
            rights=rights,
            lock_message=rights.lock and rights.lock.get_message(user),
            head=head["html"],
            pinned=head["pinned"],
            waiting=count_waiting(channel, rights),
            filters=filters,
            posts=render_posts(posts, rights),
            older=older,
            form=rights.may_draft and render_form(self.request, rights, form),
            texts=get_texts(),
            media=form.media + summary_form.media,
            **kwargs,
        )


class PostView(LivePageViewMixin, View):
    """Leads to a post on the desk."""

    def get(self, request, post_id):
        desk = reverse("wagtail_live:index", args=[self.page.pk])
        return redirect(f"{desk}?post={post_id}")
