"""Live blogs in Wagtail's admin: URLs, menu, buttons, links and log actions.

Apps and sites add to the admin of live pages with five hooks:

- ``register_live_connection_urls()``: URL patterns below the desk's URL of a page;
- ``register_live_connections(page, user)``: sections of the page of connections, as
  instances of ``admin.connections.ConnectionsPanel``, for users who may use them;
- ``register_live_desk_buttons(page, rights)``: buttons in the header of the desk. Open desks
  show a label that has changed after ``desks.announcements.announce_news(page.pk)``;
- ``register_live_desk_panels(page, rights)``: components at the end of the desk, whose media
  the desk loads, as instances of ``wagtail.admin.ui.components.Component``;
- ``register_live_post_buttons(page, user)``: returns a function that takes a post and returns
  the links that the user finds in its menu on the desk, as instances of
  ``wagtail.admin.widgets.Button``; or ``None`` for no links. It is called once for all posts.

The tag ``live_head`` has a hook, too: ``register_live_alternates(page, channel, request)``
yields content types and URLs of other forms of the page.
"""

from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.admin_url_finder import (
    ModelAdminURLFinder,
    register_admin_url_finder,
)
from wagtail.admin.menu import MenuItem
from wagtail.admin.userbar import BaseItem
from wagtail.admin.widgets import Button

from .admin.connections import get_connections_url, has_connections
from .admin.dashboard import LivePagesPanel
from .admin.images import viewset
from .admin.listing import count_waiting, get_live_pages
from .admin.messages import offer_desk
from .admin.sources_panel import SourcesPanel
from .delivery.desk_stream import DeskStreamView
from .delivery.responses import OwnCacheRules
from .models import LivePageMixin, LivePost
from .permissions import get_rights, may_read
from .posts import history


@hooks.register("register_admin_urls")
def register_desk_urls():
    # Not in the admin's own URLs: the admin imports nothing of delivery.
    stream = path("live/<int:page_id>/stream/", DeskStreamView.as_view())
    patterns = [stream, path("live/", include("wagtail_live.admin.urls"))]
    connections = [
        url
        for register_urls in hooks.get_hooks("register_live_connection_urls")
        for url in register_urls()
    ]
    if connections:
        urls_and_name = connections, "wagtail_live_connections"
        patterns.append(path("live/<int:page_id>/", include(urls_and_name)))
    return patterns


@hooks.register("insert_global_admin_js")
def forget_at_sign_out():
    """Load the script on every page: a user may sign out on any of them."""
    source = static("wagtail_live/desk/signing-out.js")
    return format_html('<script type="module" src="{}"></script>', source)


@hooks.register("register_admin_viewset")
def register_image_chooser():
    return viewset


class LiveMenuItem(MenuItem):
    def is_shown(self, request):
        return get_live_pages(request.user).exists()

    def render_component(self, request):
        """Add the number of posts that await review, in one query."""
        component = super().render_component(request)
        if waiting := count_waiting(request.user):
            component.label = f"{component.label} ({waiting})"
        return component


@hooks.register("register_admin_menu_item")
def register_live_menu_item():
    url = reverse("wagtail_live:live")
    label = gettext_lazy("Live")
    return LiveMenuItem(label, url, name="live", icon_name="comment", order=150)


@hooks.register("construct_homepage_panels")
def add_live_pages_panel(request, panels):
    panels.append(LivePagesPanel())


def get_desk_button(page, user):
    """Return the button that opens the desk of a page, if the user may open it."""
    page_class = page.specific_class
    if not page.pk or not page_class or not issubclass(page_class, LivePageMixin):
        return None
    page = page.alias_of or page
    if not may_read(user, page):
        return None
    url = reverse("wagtail_live:index", args=[page.pk])
    return Button(_("Live desk"), url, icon_name="comment", priority=35)


@hooks.register("register_page_header_buttons")
def register_page_header_buttons(page, user, view_name, next_url=None):
    if button := get_desk_button(page, user):
        yield button
        page = page.alias_of or page
        if has_connections(page, user):
            url = get_connections_url(page)
            yield Button(_("Connections"), url, icon_name="link", priority=36)


@hooks.register("register_page_listing_more_buttons")
def register_page_listing_more_buttons(page, user, next_url=None):
    if button := get_desk_button(page, user):
        yield button


@hooks.register("after_publish_page")
def note_publication(request, page):
    request.wagtail_live_has_published = True  # for the hooks after the message


@hooks.register("after_edit_page")
def offer_desk_of_published_page(request, page):
    if getattr(request, "wagtail_live_has_published", False):
        offer_desk_of_page(request, page)


@hooks.register("after_create_page")
def offer_desk_of_page(request, page):
    if button := get_desk_button(page, request.user):
        offer_desk(request, button.url)


@hooks.register("register_live_connections")
def register_sources(page, user):
    if get_rights(user, page).may_publish:
        yield SourcesPanel(page, user)


class LiveDeskItem(BaseItem):
    template_name = "wagtail_live/desk/userbar_item.html"

    def __init__(self, page):
        super().__init__()
        self.page = page


@hooks.register("construct_wagtail_userbar")
def add_desk_to_userbar(request, items, page):
    if isinstance(page, LivePageMixin) and page.pk:
        page = page.alias_of or page
        if may_read(request.user, page):
            items.append(LiveDeskItem(page))


@hooks.register("is_response_cacheable")
def keep_out_of_wagtail_cache(response, is_cacheable):
    """Refuse our responses to wagtail-cache, which would also store errors."""
    return False if isinstance(response.headers, OwnCacheRules) else None


class LivePostAdminURLFinder(ModelAdminURLFinder):
    """The link from an image's usage to a post, for users who may see its desk."""

    def construct_edit_url(self, instance):
        args = [instance.channel.page_id, instance.pk]
        return reverse("wagtail_live:edit", args=args)

    def get_edit_url(self, instance):
        if self.user and not may_read(self.user, instance.channel.page):
            return None
        return self.construct_edit_url(instance)


register_admin_url_finder(LivePost, LivePostAdminURLFinder)


hooks.register("register_log_actions", history.register_log_actions)
