from django.urls import include, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.admin_url_finder import (
    ModelAdminURLFinder,
    register_admin_url_finder,
)
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button

from .admin.desk import urls
from .admin.listing import get_live_pages
from .admin.userbar import LiveDeskItem
from .models import LivePageMixin, LivePost
from .permissions import may_read
from .posts import history as versions


@hooks.register("register_admin_urls")
def register_desk_urls():
    found = [path("live/", include(urls))]
    connections = [
        url
        for register_urls in hooks.get_hooks("register_live_connection_urls")
        for url in register_urls()
    ]
    if connections:
        urls_and_name = connections, "wagtail_live_connections"
        found.append(path("live/<int:page_id>/", include(urls_and_name)))
    return found


class LiveMenuItem(MenuItem):
    def is_shown(self, request):
        return get_live_pages(request.user).exists()


@hooks.register("register_admin_menu_item")
def register_live_menu_item():
    url = reverse("wagtail_live:live")
    label = gettext_lazy("Live")
    return LiveMenuItem(label, url, name="live", icon_name="comment", order=150)


@hooks.register("register_page_header_buttons")
def page_header_buttons(page, user, view_name, next_url=None):
    for button in _desk_buttons(page, user):
        yield button
        # For those who may open the desk; the views ask for more.
        for get_buttons in hooks.get_hooks("register_live_connection_buttons"):
            yield from get_buttons(page.alias_of or page)


@hooks.register("register_page_listing_more_buttons")
def page_listing_more_buttons(page, user, next_url=None):
    yield from _desk_buttons(page, user)


def _desk_buttons(page, user):
    page_class = page.specific_class
    if not page.pk or not page_class or not issubclass(page_class, LivePageMixin):
        return
    page = page.alias_of or page
    if may_read(user, page):
        url = reverse("wagtail_live:index", args=[page.pk])
        yield Button(_("Live desk"), url, icon_name="comment", priority=35)


@hooks.register("construct_wagtail_userbar")
def add_desk_to_userbar(request, items, page):
    if isinstance(page, LivePageMixin) and page.pk:
        page = page.alias_of or page
        if may_read(request.user, page):
            items.append(LiveDeskItem(page))


class LivePostAdminURLFinder(ModelAdminURLFinder):
    """Links from an image's usage to the post, for those who may see the desk."""

    def construct_edit_url(self, instance):
        return reverse(
            "wagtail_live:edit", args=[instance.channel.page_id, instance.pk]
        )

    def get_edit_url(self, instance):
        if self.user and not may_read(self.user, instance.channel.page):
            return None
        return self.construct_edit_url(instance)


register_admin_url_finder(LivePost, LivePostAdminURLFinder)


@hooks.register("register_log_actions")
def register_post_log_actions(actions):
    versions.register_log_actions(actions)
