"""Settings of the demo site, shorter than those that `wagtail start` creates."""

import os
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

FOLDER = Path(os.environ.get("DEMO_FOLDER", Path(__file__).resolve().parent))

DEBUG = True
SECRET_KEY = "only for the demo"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

INSTALLED_APPS = [
    "launch",
    "wagtail_live",
    "wagtail_live.api",
    "wagtail_live.webhooks",
    "wagtail_live.video",
    "wagtail_live.contrib.embed",
    "wagtail_live.contrib.push",
    "wagtail_live.contrib.questions",
    "wagtailmedia",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "urls"
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
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "db.sqlite3",
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL;",
            "transaction_mode": "IMMEDIATE",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
MEDIA_ROOT = FOLDER / "media"
WAGTAIL_SITE_NAME = "The Fjord Courier"
WAGTAILADMIN_BASE_URL = "http://127.0.0.1:8000"
WAGTAIL_LIVE_AUTHOR_PROFILES = "launch.people.get_profiles"
# A site of yours has a secret one, made by manage.py live_push_keys.
WAGTAIL_LIVE_PUSH_PRIVATE_KEY = urlsafe_b64encode(
    sha256(SECRET_KEY.encode()).digest()
).decode()
WAGTAIL_LIVE_PUSH_CONTACT = "mailto:newsroom@courier.example"
