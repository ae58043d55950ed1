from wagtail.fields import RichTextField
from wagtail.models import Page

from wagtail_live.models import LivePage, LivePageMixin


class MatchPage(LivePage):
    """The shortest live page."""


class ArticlePage(Page):
    body = RichTextField(blank=True)


class LiveArticlePage(LivePageMixin, ArticlePage):
    """A second live page type, made from a page type that the site has."""
