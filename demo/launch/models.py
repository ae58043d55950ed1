from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from wagtail_live.models import LivePage

from .match import MatchForm


class HomePage(Page):
    pass


class LaunchDayPage(LivePage):
    stage_template = "launch/launch_stage.html"

    intro = models.TextField(blank=True)
    header_image = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("header_image"),
    ]


class MatchPage(LivePage):
    stage_template = "launch/match_stage.html"
    stage_form_class = MatchForm

    home_team = models.CharField(max_length=100)
    away_team = models.CharField(max_length=100)

    content_panels = [
        *Page.content_panels,
        FieldPanel("home_team"),
        FieldPanel("away_team"),
    ]
