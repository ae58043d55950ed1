"""The panel of the live blog in the page editor."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel, PanelGroup


class LiveBlogPanel(Panel):
    """The state, number of posts and last post of a page, and a link to its desk."""

    def __init__(self, **kwargs):
        super().__init__(**{"heading": _("Live blog"), **kwargs})

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_live/desk/panel.html"

        def is_shown(self):
            return bool(self.instance.pk)

        def get_context_data(self, parent_context=None):
            page = self.instance
            posts = page.live_posts
            return {
                **super().get_context_data(parent_context),
                "channel": page.find_channel(),
                "post_count": posts.count(),
                "last_post": posts.first(),
                "desk_url": reverse(
                    "wagtail_live:index", args=[page.alias_of_id or page.pk]
                ),
            }


def add_live_blog_panel(handler):
    """Add the panel to the first tab of a page type's bound panels, unless the page type
    has it already."""
    if not isinstance(handler, PanelGroup) or has_live_blog_panel(handler):
        return handler
    first = handler.children[0] if handler.children else None
    tab = first if isinstance(first, PanelGroup) else handler
    tab.children = [*tab.children, LiveBlogPanel().bind_to_model(handler.model)]
    return handler


def has_live_blog_panel(panel) -> bool:
    if isinstance(panel, PanelGroup):
        return any(has_live_blog_panel(child) for child in panel.children)
    return isinstance(panel, LiveBlogPanel)
