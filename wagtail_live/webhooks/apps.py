from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveWebhooksConfig(AppConfig):
    name = "wagtail_live.webhooks"
    label = "wagtail_live_webhooks"
    verbose_name = _("Live blogs: webhooks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from .. import housekeeping
        from ..signals import live_page_updating
        from . import outbox

        live_page_updating.connect(outbox.record_update)
        housekeeping.register(
            "sent",
            run=outbox.send_all_due,
            start=outbox.send_all_later,
            due_times=outbox.due_times,
        )
