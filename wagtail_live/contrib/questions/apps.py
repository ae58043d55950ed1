from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveQuestionsConfig(AppConfig):
    name = "wagtail_live.contrib.questions"
    label = "wagtail_live_questions"
    verbose_name = _("Live blogs: questions")
    default_auto_field = "django.db.models.BigAutoField"
    live_urls = "wagtail_live.contrib.questions.urls"  # included by wagtail_live.urls

    def ready(self):
        from ... import housekeeping
        from . import checks, inbox  # noqa: F401 (settings and system checks)

        housekeeping.register("questions", run=inbox.purge)
