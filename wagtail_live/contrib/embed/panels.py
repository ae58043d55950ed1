"""The section of the page of connections from which editors copy the code."""

from __future__ import annotations

from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy

from ...admin.connections import ConnectionsPanel
from .snippets import make_snippet


class EmbedPanel(ConnectionsPanel):
    name = "embed"
    heading = gettext_lazy("Embed on other sites")
    icon_name = "code"
    order = 400
    template_name = "wagtail_live/embed/panel.html"

    def get_context_data(self, parent_context=None):
        context = super().get_context_data(parent_context)
        request, channel = context["request"], self.page.find_channel()
        is_open = self.page.live and not self.page.get_view_restrictions().exists()
        code = ""
        if channel and is_open:
            try:
                code = make_snippet(channel, request).html
            except NoReverseMatch:  # a system check says so
                code = ""
        return {**context, "code": code}
