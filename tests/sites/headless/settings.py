"""A site whose pages another application shows, with wagtail-headless-preview."""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.sites.headless.urls"
WAGTAIL_HEADLESS_PREVIEW = {"CLIENT_URLS": {"default": "https://app.example.com"}}
INSTALLED_APPS = [
    "tests.sites.headless",
    "wagtail_headless_preview",
    "wagtail.api.v2",
    *INSTALLED_APPS,  # noqa: F405
]
