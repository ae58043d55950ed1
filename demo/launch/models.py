from django.contrib.auth.models import User
from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from wagtail_live.models import LivePage
from wagtail_live.presets import Preset

from .match import MatchForm
from .people import STAFF


class HomePage(Page):
    pass


class StaffPage(Page):
    """The people of the newspaper, to whom the names of authors lead."""

    def get_context(self, request, *args, **kwargs):
        users = User.objects.in_bulk(
            [person.username for person in STAFF], field_name="username"
        )
        people = [(person, users.get(person.username)) for person in STAFF]
        return super().get_context(request, *args, **kwargs) | {"people": people}


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
    live_presets = [
        Preset("goal", "Goal", title="Goal! {home}:{away}", is_key_event=True),
        Preset("card", "Red card", title="Red card", is_key_event=True),
        Preset("result", "Full time", title="Full time: {home}:{away}", pin=True),
    ]

    home_team = models.CharField(max_length=100)
    away_team = models.CharField(max_length=100)

    content_panels = [
        *Page.content_panels,
        FieldPanel("home_team"),
        FieldPanel("away_team"),
    ]
