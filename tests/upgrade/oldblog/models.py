from wagtail.models import Page

from wagtail_live.models import LivePageMixin


class BlogPage(LivePageMixin, Page):
    """A page type that has been live since wagtail-live 1.0."""
