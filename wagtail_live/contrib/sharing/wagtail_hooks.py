from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets import Button

from .notices import describe_links
from .places import has_places
from .views import PlacesView


@hooks.register("register_live_connection_urls")
def register_sharing_urls():
    return [
        path("<uuid:post_id>/share/", PlacesView.as_view(), name="share"),
        path("<uuid:post_id>/copy/", PlacesView.as_view(is_copying=True), name="copy"),
    ]


@hooks.register("register_live_post_buttons")
def register_sharing_buttons(page, user):
    """Offer published posts to other pages on which the user may write."""
    if not has_places(user, page):
        return None

    def get_buttons(post):
        if post.show:
            args = [page.pk, post.pk]
            copy_url = reverse("wagtail_live_connections:copy", args=args)
            share_url = reverse("wagtail_live_connections:share", args=args)
            yield Button(_("Copy to another live blog…"), copy_url)
            yield Button(_("Share with another live blog…"), share_url)

    return get_buttons


@hooks.register("register_live_post_notices")
def register_link_notices(page, user):
    return describe_links(page, user)
