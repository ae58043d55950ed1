"""The base of the views of sources: for those who may publish the page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from ..base import LivePageViewMixin


class PublisherMixin(LivePageViewMixin):
    """A view for those who may publish what a source sends."""

    def is_allowed(self) -> bool:
        return self.rights.may_publish

    @property
    def sources_url(self) -> str:
        return reverse("wagtail_live:sources", args=[self.page.pk])


class SourcesPageMixin(PublisherMixin, WagtailAdminTemplateMixin):
    """A page of the admin below the sources."""

    page_title = gettext_lazy("Sources")
    header_icon = "mail"

    def get_section(self):
        return self.sources_url, _("Sources")
