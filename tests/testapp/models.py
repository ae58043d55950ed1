from django.db import models
from wagtail.fields import RichTextField
from wagtail.models import Page

from tests.testapp.forms import ScoreForm
from wagtail_live.models import LivePage, LivePageMixin
from wagtail_live.presets import Preset


class MatchPage(LivePage):
    """The shortest live page."""


class ScorePage(LivePage):
    """A live page with a score and a clock on its stage, and presets for its posts."""

    live_presets = [
        Preset("goal", "Goal", title="Goal! {home}:{away}", is_key_event=True),
        Preset("quote", "Voices", blocks=["quote", "text"], key="q"),
        Preset(
            "result",
            "Result is in",
            title="Full time",
            blocks=[("text", "<p>The match is over.</p>")],
            pin=True,
        ),
    ]

    stage_form_class = ScoreForm
    stage_template = "testapp/score.html"
    template = "testapp/match_page.html"


class ArticlePage(Page):
    body = RichTextField(blank=True)
    lead_image = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


class LiveArticlePage(LivePageMixin, ArticlePage):
    """A second live page type, made from a page type that the site has."""


class AuthorPage(Page):
    """A page about an author."""

    job = models.CharField(max_length=100, blank=True)
    portrait = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


class Agency(models.Model):
    """An author that is no page."""

    name = models.CharField(max_length=100)
    site = models.URLField()

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return self.site
