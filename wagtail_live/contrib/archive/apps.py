from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveArchiveConfig(AppConfig):
    name = "wagtail_live.contrib.archive"
    label = "wagtail_live_archive"
    verbose_name = _("Live blogs: archive")
    default_auto_field = "django.db.models.BigAutoField"
