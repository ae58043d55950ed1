from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveEmbedConfig(AppConfig):
    name = "wagtail_live.contrib.embed"
    label = "wagtail_live_embed"
    verbose_name = _("Live blogs: embedding")
    live_urls = "wagtail_live.contrib.embed.urls"  # included by wagtail_live.urls

    def ready(self):
        from . import checks  # noqa: F401 (settings and system checks)
