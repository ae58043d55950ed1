"""What the views of sources share: the page, and that its user may publish it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from ..desk.base import LivePageMixin


class RequiresPublisher:
    """Whoever connects a channel publishes what is written there."""

    def dispatch(self, request, *args, **kwargs):
        if not self.rights.may_publish:
            return self.refuse()
        return super().dispatch(request, *args, **kwargs)


class PublisherMixin(LivePageMixin, RequiresPublisher):
    """A view for those who may publish the page, which is known before that is asked."""

    @property
    def sources_url(self) -> str:
        return reverse("wagtail_live:sources", args=[self.page.pk])


class SourcesPageMixin(PublisherMixin, WagtailAdminTemplateMixin):
    """One that shows a page of the admin."""

    page_title = gettext_lazy("Sources")
    header_icon = "mail"

    def get_page_subtitle(self):
        return self.page.get_admin_display_title()

    def get_breadcrumbs_items(self):
        desk = reverse("wagtail_live:index", args=[self.page.pk])
        return [
            *self.breadcrumbs_items,
            {"url": reverse("wagtail_live:live"), "label": _("Live")},
            {"url": desk, "label": self.get_page_subtitle()},
            {"url": self.sources_url, "label": _("Sources")},
        ]
