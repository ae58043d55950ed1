from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WagtailLiveConfig(AppConfig):
    name = "wagtail_live"
    label = "wagtail_live"
    verbose_name = _("Live blogs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from wagtail.models import ReferenceIndex

        from . import (  # noqa: F401 (registers checks and signal receivers)
            checks,
            frontend_cache,
            housekeeping,
            search,
        )
        from .models import LivePost

        ReferenceIndex.register_model(LivePost)
