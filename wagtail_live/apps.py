from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WagtailLiveConfig(AppConfig):
    name = "wagtail_live"
    label = "wagtail_live"
    verbose_name = _("Live blogs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from wagtail.models import ReferenceIndex

        from . import (  # noqa: F401 (signal receivers and checks)
            checks,
            frontend_cache,
            overrides,
            reviews,
            search,
        )
        from .delivery import revocation
        from .desks import rights
        from .engines import outbox, publishing
        from .housekeeping import register
        from .models import LivePost
        from .posts import channel, deletion, embeds, schedule
        from .receivers import images, links

        ReferenceIndex.register_model(LivePost)
        revocation.connect_page_models()
        rights.connect()
        publishing.connect()
        register(
            "published",
            run=lambda now: len(schedule.publish_due(now)),
            start=schedule.publish_due,
            due_times=schedule.due_times,
        )
        register(
            "ended",
            run=channel.end_idle,
            start=channel.end_idle,
            due_times=channel.idle_times,
        )
        register(
            "ended_soon",
            run=channel.end_due,
            start=channel.end_due,
            due_times=channel.end_times,
        )
        register(
            "notified",
            run=reviews.send_due,
            start=reviews.send_due,
            due_times=reviews.due_times,
        )
        register("purged", run=deletion.purge_old_tombstones)
        register("fetching", run=images.sweep)
        register("contents", run=images.purge_contents)
        register("embeds", run=embeds.sweep)
        register("links", run=links.sweep)
        register("engine_channels", run=outbox.purge_idle)
