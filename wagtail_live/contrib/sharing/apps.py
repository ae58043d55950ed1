from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveSharingConfig(AppConfig):
    name = "wagtail_live.contrib.sharing"
    label = "wagtail_live_sharing"
    verbose_name = _("Live blogs: shared posts")
    default_auto_field = "django.db.models.BigAutoField"
    live_api_urls = "wagtail_live.contrib.sharing.api_urls"  # included by the API

    def ready(self):
        from ... import housekeeping, origins
        from ...page import rendering
        from . import credits, following, links

        links.connect()
        template = "wagtail_live/live_post_source.html"
        rendering.register_note(template, credits.find_credits)
        origins.register(credits.find_origin)
        housekeeping.register(
            "followed",
            run=following.follow_due,
            start=following.follow_due,
            due_times=following.due_times,
        )
        housekeeping.register("links_purged", run=following.purge)
