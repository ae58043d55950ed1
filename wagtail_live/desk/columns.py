"""The column of the list of posts that Wagtail has not got."""

from django.middleware.csrf import get_token
from wagtail.admin.ui.tables import TitleColumn


def get_headline(post):
    return post.headline or str(post)


class PostColumn(TitleColumn):
    """What a post says, above the buttons that change it."""

    cell_template_name = "wagtail_live/desk/post_cell.html"

    def __init__(self, name, *, view, **kwargs):
        get_url = None if view.lock else view.get_edit_url
        super().__init__(name, get_url=get_url, **kwargs)
        self.view = view

    def get_cell_context_data(self, instance, parent_context):
        toggle = "hide" if instance.show else "show"
        return {
            **super().get_cell_context_data(instance, parent_context),
            "toggle_url": self.view.url_of(toggle, instance.pk),
            "delete_url": self.view.get_delete_url(instance),
            "csrf_token": get_token(self.view.request),
        }
