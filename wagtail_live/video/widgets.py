"""The choosers of videos and audio, whose choice the desk can read."""

from __future__ import annotations

from django import forms
from wagtail.admin.telepath import register
from wagtailmedia.widgets import (
    AdminAudioChooser,
    AdminVideoChooser,
    MediaChooserAdapter,
)


class LiveVideoChooser(AdminVideoChooser):
    pass


class LiveAudioChooser(AdminAudioChooser):
    pass


class LiveVideoChooserAdapter(MediaChooserAdapter):
    js_constructor = "wagtail_live.VideoChooser"

    @property
    def media(self):
        return forms.Media(js=["wagtail_live/desk/video-chooser.js"])


register(LiveVideoChooserAdapter(), LiveVideoChooser)
register(LiveVideoChooserAdapter(), LiveAudioChooser)
