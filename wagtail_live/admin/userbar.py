"""The way from a live page to its desk."""

from wagtail.admin.userbar import BaseItem


class LiveDeskItem(BaseItem):
    template_name = "wagtail_live/desk/userbar_item.html"

    def __init__(self, page):
        super().__init__()
        self.page = page
