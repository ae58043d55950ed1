from tests.settings import *  # noqa: F403

WAGTAIL_PAGE_MODEL = "basepage.BasePage"
WAGTAILFRONTENDCACHE = {
    "cache": {"BACKEND": "tests.sites.custompage.purging.Printer"},
}
INSTALLED_APPS = [
    "tests.sites.custompage",
    "wagtail.test.basepage",
    *(app for app in INSTALLED_APPS if not app.startswith("tests.")),  # noqa: F405
]
