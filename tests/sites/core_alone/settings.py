from tests.settings import *  # noqa: F403

EXTRA = {"wagtail_live.api", "wagtail_live.contrib.embed", "wagtail_live.webhooks"}
INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in EXTRA]  # noqa: F405
