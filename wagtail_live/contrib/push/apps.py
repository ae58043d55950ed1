from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class LivePushConfig(AppConfig):
    name = "wagtail_live.contrib.push"
    label = "wagtail_live_push"
    verbose_name = _("Live blogs: notifications")
    default_auto_field = "django.db.models.BigAutoField"
    live_urls = "wagtail_live.contrib.push.urls"  # included by wagtail_live.urls

    def ready(self):
        try:
            import pywebpush  # noqa: F401
        except ImportError:
            raise ImproperlyConfigured(
                '"wagtail_live.contrib.push" needs pywebpush. Install '
                '"wagtail-live[push]".'
            ) from None
        from ... import housekeeping
        from ...signals import live_page_updating
        from . import alerts, checks, subscriptions  # noqa: F401 (system checks)

        live_page_updating.connect(alerts.record_key_event)
        housekeeping.register(
            "alerts",
            run=alerts.send_all_due,
            start=alerts.send_all_later,
            due_times=alerts.due_times,
        )
        housekeeping.register("push_subscriptions", run=subscriptions.purge)
