"""Settings of the site that the tests run, in the test process and in servers.

``TEST_DATABASE_URL`` (``postgres://user@host:port/name``, ``mysql://…`` or
``sqlite:///path``) chooses the database; without it SQLite in memory. In the test process the path,
or the host and port, may be left out: the tests then make a database of their own.
``TEST_SETTINGS``, a JSON object, overrides the settings below by name.
"""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

TESTS = Path(__file__).resolve().parent


def database(url):
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] or ":memory:",
            "OPTIONS": {
                "timeout": 30,  # seconds that a writer waits on a busy machine
                # Not synchronous: only a crash of the machine could lose data.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
            },
        }
    is_postgres = parts.scheme == "postgres"
    return {
        "ENGINE": f"django.db.backends.{'postgresql' if is_postgres else 'mysql'}",
        "NAME": parts.path.lstrip("/") or "wagtail_live",
        "USER": parts.username,
        "HOST": parts.hostname,
        "PORT": parts.port,
    }


DATABASES = {"default": database(os.environ.get("TEST_DATABASE_URL", "sqlite://"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECRET_KEY = "only for the tests"
DEBUG = bool(os.environ.get("TEST_DEBUG"))
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.urls"
ASGI_APPLICATION = "tests.asgi.application"
WSGI_APPLICATION = "tests.wsgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
MEDIA_ROOT = os.environ.get("TEST_MEDIA_ROOT", str(TESTS / "media"))
WAGTAIL_SITE_NAME = "Test site"
WAGTAILADMIN_BASE_URL = "http://localhost"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "tests.testapp",
    "tests.upgrade.oldblog",
    "wagtail_live",
    "wagtail_live.api",
    "wagtail_live.webhooks",
    "wagtail_live.contrib.embed",
    "wagtail.contrib.simple_translation",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    INSTALLED_APPS.append("django.contrib.postgres")  # for the index of wagtail.search

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

globals().update(json.loads(os.environ.get("TEST_SETTINGS", "{}")))
