from tests.settings import *  # noqa: F403

INSTALLED_APPS = [
    *INSTALLED_APPS,  # noqa: F405
    "wagtailmedia",
    "wagtail_live.video",
    "wagtail_live.contrib.archive",
]
