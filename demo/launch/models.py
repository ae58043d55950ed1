from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from wagtail_live.models import LivePage


class HomePage(Page):
    pass


class LaunchDayPage(LivePage):
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
