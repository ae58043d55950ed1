"""System checks: what is wrong with a site's settings, and what to do about it."""

from __future__ import annotations

from difflib import get_close_matches

from asgiref.sync import iscoroutinefunction
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.urls import NoReverseMatch

from . import conf
from .bus import get_bus
from .receivers import get_receivers
from .upgrade.checks import OLD_SETTINGS

SETTINGS = {
    "wagtail_live.E001": (
        conf.get_polling_timeout,
        "Set WAGTAIL_LIVE_POLLING_TIMEOUT to a number of seconds, such as 25.",
    ),
    "wagtail_live.E002": (
        conf.get_polling_interval,
        "Set WAGTAIL_LIVE_POLLING_INTERVAL to a number of milliseconds, such as 3000.",
    ),
    "wagtail_live.E003": (
        conf.get_publisher,
        "Leave WAGTAIL_LIVE_PUBLISHER out for the default, or name a class of "
        "wagtail_live.publishers or a subclass of your own.",
    ),
    "wagtail_live.E004": (
        conf.get_post_block,
        "Leave WAGTAIL_LIVE_POST_BLOCK out for the default, or name a subclass of "
        "wagtail_live.blocks.LivePostBlock.",
    ),
    "wagtail_live.E006": (
        conf.get_bus_configuration,
        "Leave WAGTAIL_LIVE_BUS out for the default, or set it to "
        '{"default": {"BACKEND": "wagtail_live.bus.redis.RedisBus", "LOCATION": …}}.',
    ),
    "wagtail_live.E009": (
        conf.get_max_readers,
        "Set WAGTAIL_LIVE_MAX_READERS to a number of readers, such as 20000.",
    ),
    "wagtail_live.E010": (
        conf.get_max_readers_per_channel,
        "Set WAGTAIL_LIVE_MAX_READERS_PER_CHANNEL to a number of readers.",
    ),
    "wagtail_live.E011": (
        conf.get_max_readers_per_address,
        "Set WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS to a number of readers.",
    ),
    "wagtail_live.E012": (
        conf.get_trusted_proxies,
        "Set WAGTAIL_LIVE_TRUSTED_PROXIES to the number of proxies before the site.",
    ),
    "wagtail_live.E013": (
        conf.get_allowed_origins,
        "List scheme and host of each origin, without a path.",
    ),
    "wagtail_live.E014": (
        conf.is_enabled,
        "Leave WAGTAIL_LIVE_ENABLED out for the default, which is True.",
    ),
    "wagtail_live.E015": (
        conf.get_retry_after,
        "Set WAGTAIL_LIVE_RETRY_AFTER to a number of seconds, 0 for none.",
    ),
    "wagtail_live.E016": (
        conf.get_embed_consent,
        "Set WAGTAIL_LIVE_ASK_BEFORE_EMBEDS to True or False.",
    ),
    "wagtail_live.E020": (
        conf.get_end_after,
        "Leave WAGTAIL_LIVE_END_AFTER out for never, or set it to a number of hours.",
    ),
    "wagtail_live.E021": (
        conf.get_keep_tombstones,
        "Set WAGTAIL_LIVE_KEEP_TOMBSTONES to a number of days, such as 30.",
    ),
    "wagtail_live.E022": (
        conf.get_api_rate,
        "Set WAGTAIL_LIVE_API_RATE to a number of requests a second, such as 10.",
    ),
    "wagtail_live.E023": (
        conf.get_api_burst,
        "Set WAGTAIL_LIVE_API_BURST to a number of requests, such as 100.",
    ),
    "wagtail_live.E030": (
        get_receivers,
        'Name each receiver and its class: {"newsroom": {"BACKEND": '
        '"wagtail_live.receivers.slack.SlackReceiver", "OPTIONS": {…}}}.',
    ),
}

# The apps whose settings begin with these prefixes.
APPS = {"WAGTAIL_LIVE_API_": "wagtail_live.api"}


@checks.register("wagtail_live")
def check_settings(app_configs, **kwargs):
    errors = []
    for check_id, (read, hint) in SETTINGS.items():
        try:
            read()
        except ImproperlyConfigured as error:
            errors.append(checks.Error(str(error), hint=hint, id=check_id))
    return errors


@checks.register("wagtail_live")
def check_names(app_configs, **kwargs):
    ours = {name for name in dir(settings) if name.startswith("WAGTAIL_LIVE_")}
    return [
        checks.Warning(
            f"{name} is no setting of wagtail_live, and nothing reads it.",
            hint=_suggest(name),
            id="wagtail_live.W007",
        )
        for name in sorted(ours - conf.DEFAULTS.keys() - OLD_SETTINGS.keys())
    ]


@checks.register("wagtail_live")
def check_apps(app_configs, **kwargs):
    """Warn of settings whose app is not installed."""
    return [
        checks.Warning(
            f"{name} has no effect: the app {app} is not installed.",
            hint=f'Add "{app}" to INSTALLED_APPS, or remove the setting.',
            id="wagtail_live.W008",
        )
        for name in dir(settings)
        for prefix, app in APPS.items()
        if name in conf.DEFAULTS and name.startswith(prefix)
        if not apps.is_installed(app)
    ]


def _suggest(name):
    similar = get_close_matches(name, conf.DEFAULTS, n=1, cutoff=0.85)
    return f"Did you mean {similar[0]}?" if similar else "Remove it."


@checks.register("wagtail_live")
def check_bus(app_configs, **kwargs):
    try:
        return get_bus().check()
    except ImproperlyConfigured:
        return []  # E006 says so


@checks.register("wagtail_live")
def check_receivers(app_configs, **kwargs):
    try:
        receivers = get_receivers().values()
    except ImproperlyConfigured:
        return []  # E030 says so
    return [message for receiver in receivers for message in receiver.check()]


@checks.register("wagtail_live", checks.Tags.urls)
def check_urls(app_configs, **kwargs):
    try:
        conf.get_publisher().get_url("channel")
    except ImproperlyConfigured:
        return []  # E003 says so
    except NoReverseMatch:
        return [
            checks.Warning(
                "The URLs of wagtail_live are not included: pages will not update.",
                hint='Add path("wagtail_live/", include("wagtail_live.urls")) to the '
                "site's URLs, before Wagtail's own catch-all.",
                id="wagtail_live.W001",
            )
        ]
    return []


@checks.register("wagtail_live")
def check_atomic_requests(app_configs, **kwargs):
    """Django refuses to run an async view inside ``ATOMIC_REQUESTS``."""
    try:
        publisher = conf.get_publisher()
    except ImproperlyConfigured:
        return []  # E003 says so
    atomic = {alias for alias in connections if _is_atomic(alias)}
    return [
        checks.Error(
            f"{publisher.__qualname__} is async and would run inside ATOMIC_REQUESTS "
            f"of the database {alias!r}, which Django refuses.",
            hint="Let the publisher inherit as_view() from "
            "wagtail_live.publishers.base.BasePublisher, or decorate its view with "
            "django.db.transaction.non_atomic_requests.",
            id="wagtail_live.E005",
        )
        for pattern in publisher.get_urls()
        if iscoroutinefunction(pattern.callback)
        for alias in sorted(atomic - _non_atomic_aliases(pattern.callback))
    ]


def _is_atomic(alias):
    return connections.settings[alias].get("ATOMIC_REQUESTS", False)


def _non_atomic_aliases(view):
    return getattr(view, "_non_atomic_requests", set())
