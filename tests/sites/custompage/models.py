from wagtail.test.basepage.models import BasePage

from wagtail_live.models import LivePageMixin


class MatchPage(LivePageMixin, BasePage):
    """A live page on the site's own page model."""
