from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveApiConfig(AppConfig):
    name = "wagtail_live.api"
    label = "wagtail_live_api"
    verbose_name = _("Live blogs: API")
    default_auto_field = "django.db.models.BigAutoField"
    live_urls = "wagtail_live.api.urls"  # included by wagtail_live.urls
