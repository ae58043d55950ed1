from wagtail.models import Page

from wagtail_live.models import LivePageMixin


class BlogPage(LivePageMixin, Page):
    """Has been live since wagtail-live 1.0."""
