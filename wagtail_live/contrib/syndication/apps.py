from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveSyndicationConfig(AppConfig):
    name = "wagtail_live.contrib.syndication"
    label = "wagtail_live_syndication"
    verbose_name = _("Live blogs: posts of other sites")

    def ready(self):
        from ... import origins
        from ...page import rendering
        from . import credits

        template = "wagtail_live/live_post_source.html"
        rendering.register_note(template, credits.find_credits)
        origins.register(credits.find_chain)
