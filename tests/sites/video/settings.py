from tests.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "wagtailmedia", "wagtail_live.video"]  # noqa: F405
