from django.apps import AppConfig, apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class LiveVideoConfig(AppConfig):
    name = "wagtail_live.video"
    label = "wagtail_live_video"
    verbose_name = _("Live blogs: videos")

    def ready(self):
        if not apps.is_installed("wagtailmedia"):
            raise ImproperlyConfigured(
                '"wagtail_live.video" needs wagtailmedia. Install "wagtail-live[video]" and '
                'add "wagtailmedia" to INSTALLED_APPS.'
            )
        from ..blocks import register_block
        from .blocks import LiveAudioBlock, LiveVideoBlock

        register_block("video", LiveVideoBlock)
        register_block("audio", LiveAudioBlock)
