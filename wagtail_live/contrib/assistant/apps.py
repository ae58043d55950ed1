from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveAssistantConfig(AppConfig):
    name = "wagtail_live.contrib.assistant"
    label = "wagtail_live_assistant"
    verbose_name = _("Live blogs: assistant")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from ... import housekeeping
        from . import conf, jobs  # noqa: F401 (settings)

        housekeeping.register("suggestions", run=jobs.purge)
