from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveArticleConfig(AppConfig):
    name = "wagtail_live.contrib.article"
    label = "wagtail_live_article"
    verbose_name = _("Live blogs: articles")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from ...blocks import register_block
        from . import blocks, checks, links  # noqa: F401 (settings, checks)

        register_block("article", blocks.LiveArticleBlock)
        links.connect()
