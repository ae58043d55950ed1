from tests.settings import *  # noqa: F403

WAGTAIL_I18N_ENABLED = True
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("fr", "French")]
INSTALLED_APPS = [
    "wagtail_localize",
    "wagtail_localize.locales",
    *INSTALLED_APPS,  # noqa: F405
]
INSTALLED_APPS.remove("wagtail.contrib.simple_translation")
