"""System checks of settings, URLs and page types."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.urls import NoReverseMatch
from wagtail.models import AbstractPage

from . import conf
from .bus import get_bus
from .engines.base import BaseEngine
from .models import LivePageMixin
from .models.post import to_block
from .presets import find_problems
from .publishers.event_stream import EventStreamPublisher
from .publishers.polling import LongPollingPublisher
from .publishers.websocket import WebSocketPublisher

# Settings of wagtail-live 1.0.
OLD_SETTINGS = {
    "WAGTAIL_LIVE_PAGE_MODEL": "Remove it: every subclass of LivePageMixin is live.",
    "WAGTAIL_LIVE_RECEIVER": "Name the receivers in WAGTAIL_LIVE_RECEIVERS.",
    "WAGTAIL_LIVE_REDIS_URL": "Name the server in WAGTAIL_LIVE_BUS.",
    "WAGTAIL_LIVE_SERVER_HOST": "Remove it: the site itself serves its readers.",
    "WAGTAIL_LIVE_SERVER_PORT": "Remove it: the site itself serves its readers.",
    "WAGTAIL_LIVE_SYNC_WITH_ADMIN": "Remove it: every change is sent to readers.",
}
CONTRIB = Path(__file__).resolve().parent / "contrib"
MAX_DELAY = 1.0  # seconds that an update may take to reach other processes
MIN_PROXY_TIMEOUT = 30.0  # seconds: Heroku's, CloudFront's and others'
SERVE_UNDER_ASGI = (
    "For updates at once, serve the site with an ASGI server, wrap its application in "
    "wagtail_live.asgi.LiveUpdatesMiddleware, and set ASGI_APPLICATION."
)


@checks.register("wagtail_live")
def check_settings(app_configs: Any, **kwargs: Any) -> list:
    """Check each setting, and warn about those that have no effect."""
    messages: list = []
    for setting in conf.SETTINGS.values():
        try:
            setting.read()
        except ImproperlyConfigured as error:
            messages.append(
                checks.Error(str(error), hint=setting.hint, id=setting.check_id)
            )
        if hasattr(settings, setting.name) and not apps.is_installed(setting.app):
            messages.append(
                checks.Warning(
                    f"{setting.name} has no effect: the app {setting.app} is not "
                    "installed.",
                    hint=f'Add "{setting.app}" to INSTALLED_APPS, or remove the setting.',
                    id="wagtail_live.W008",
                )
            )
    return messages


@checks.register("wagtail_live")
def check_apps(app_configs: Any, **kwargs: Any) -> list:
    """Report a missing ``wagtail.embeds``, whose models Django would otherwise take for
    models of ``wagtail``, and write a migration for them into that package."""
    if apps.is_installed("wagtail.embeds"):
        return []
    return [
        checks.Error(
            "wagtail_live needs wagtail.embeds, which is not in INSTALLED_APPS.",
            hint='Add "wagtail.embeds" to INSTALLED_APPS.',
            id="wagtail_live.E018",
        )
    ]


@checks.register("wagtail_live")
def check_names(app_configs: Any, **kwargs: Any) -> list:
    """Warn about unknown settings and those of wagtail-live 1.0."""
    messages = []
    for name in dir(settings):
        if hint := OLD_SETTINGS.get(name):
            message = f"{name} is a setting of wagtail-live 1.0 and has no effect."
            messages.append(checks.Warning(message, hint=hint, id="wagtail_live.W002"))
        elif name.startswith("WAGTAIL_LIVE_") and name not in conf.SETTINGS:
            similar = get_close_matches(name, conf.SETTINGS, n=1, cutoff=0.85)
            app = find_app(name)
            hint = (
                f'Add "{app}" to INSTALLED_APPS, or remove it.' if app else "Remove it."
            )
            hint = f"Did you mean {similar[0]}?" if similar and not app else hint
            messages.append(
                checks.Warning(
                    f"Unknown setting {name}.", hint=hint, id="wagtail_live.W007"
                )
            )
    return messages


def find_app(setting: str) -> str | None:
    """Return the optional app that a setting is for, if the site doesn't have the app."""
    for file in CONTRIB.glob("*/apps.py"):
        name = file.parent.name
        app = f"wagtail_live.contrib.{name}"
        is_of_app = f"{setting}_".startswith(f"WAGTAIL_LIVE_{name.upper()}_")
        if is_of_app and not apps.is_installed(app):
            return app
    return None


@checks.register("wagtail_live", checks.Tags.models)
def check_bases(app_configs: Any, **kwargs: Any) -> list:
    """Warn if ``Page``, which doesn't always call ``super()``, comes before the mixin."""
    return [
        checks.Warning(
            f"{model.__name__} lists LivePageMixin after the page type that it extends: "
            "the page editor does not show the live blog.",
            hint=f"Write class {model.__name__}(LivePageMixin, …).",
            obj=model,
            id="wagtail_live.W003",
        )
        for model in apps.get_models()
        if issubclass(model, LivePageMixin)
        if model.__mro__.index(LivePageMixin) > model.__mro__.index(AbstractPage)
    ]


def get_valid(read: Callable) -> Any:
    """Return a setting, or ``None`` if it is wrong, which ``check_settings`` reports."""
    try:
        return read()
    except ImproperlyConfigured:
        return None


@checks.register("wagtail_live")
def check_bus(app_configs: Any, **kwargs: Any) -> list:
    return get_bus().check() if get_valid(conf.get_bus_configuration) else []


@checks.register("wagtail_live")
def check_engine(app_configs: Any, **kwargs: Any) -> list:
    engines = get_engines()
    if len(engines) > 1:
        return [
            checks.Error(
                "WAGTAIL_LIVE_GRIP and WAGTAIL_LIVE_NCHAN are both set: readers can't "
                "come through two push engines.",
                hint="Remove one of the settings.",
                id="wagtail_live.E027",
            )
        ]
    return [message for engine in engines for message in engine.check()]


def get_engines() -> list[BaseEngine]:
    engines = get_valid(conf.get_grip_engine), get_valid(conf.get_nchan_engine)
    return [engine for engine in engines if engine]


@checks.register("wagtail_live")
def check_receivers(app_configs: Any, **kwargs: Any) -> list:
    receivers = get_valid(conf.get_receivers) or {}
    return [message for each in receivers.values() for message in each.check()]


@checks.register("wagtail_live")
def check_stage_forms(app_configs: Any, **kwargs: Any) -> list:
    """Refuse files in the stage, whose values are stored as JSON."""
    forms = {
        model.stage_form_class: model
        for model in apps.get_models()
        if issubclass(model, LivePageMixin) and model.stage_form_class
    }
    return [
        checks.Error(
            f"{form.__name__}.{name} is a file, which the stage can't store.",
            hint="Put the file or the image on the page, and show it in the page type's "
            "stage_template.",
            obj=model,
            id="wagtail_live.E042",
        )
        for form, model in forms.items()
        for name, field in form.base_fields.items()
        if field.widget.needs_multipart_form
    ]


@checks.register("wagtail_live")
def check_page_types(app_configs: Any, **kwargs: Any) -> list:
    """Check the blocks and the presets that page types declare for their posts."""
    messages = []
    for model in apps.get_models():
        if not issubclass(model, LivePageMixin):
            continue
        try:
            block = to_block(model.live_post_block or conf.get_post_block())
        except ImproperlyConfigured as error:
            if model.live_post_block is not None:
                messages.append(describe_wrong_block(model, error))
            continue
        messages += [
            checks.Error(
                f"{model.__name__}.live_presets: {problem}",
                hint="Make each entry a wagtail_live.presets.Preset.",
                obj=model,
                id="wagtail_live.E061",
            )
            for problem in find_problems(model, block)
        ]
    return messages


def describe_wrong_block(model: Any, error: Exception) -> checks.Error:
    return checks.Error(
        f"{model.__name__}.live_post_block {error}",
        hint="Name a subclass of wagtail_live.blocks.LivePostBlock, or leave "
        "live_post_block out for the blocks of the site.",
        obj=model,
        id="wagtail_live.E060",
    )


@checks.register("wagtail_live", checks.Tags.urls)
def check_urls(app_configs: Any, **kwargs: Any) -> list:
    publisher = get_valid(conf.get_publisher)
    try:
        if publisher:
            publisher.get_url("channel")
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
def check_atomic_requests(app_configs: Any, **kwargs: Any) -> list:
    """Report async views inside ``ATOMIC_REQUESTS``, which Django refuses to run."""
    if not (publisher := get_valid(conf.get_publisher)):
        return []
    atomic = {
        alias
        for alias in connections
        if connections.settings[alias].get("ATOMIC_REQUESTS", False)
    }
    return [
        checks.Error(
            f"{publisher.__qualname__} is async and would run inside ATOMIC_REQUESTS "
            f"of the database {alias!r}, which Django refuses.",
            hint="Inherit as_view() from "
            "wagtail_live.publishers.base.BasePublisher, or decorate the view with "
            "django.db.transaction.non_atomic_requests.",
            id="wagtail_live.E005",
        )
        for pattern in publisher.get_urls()
        if iscoroutinefunction(view := pattern.callback)
        for alias in sorted(atomic - getattr(view, "_non_atomic_requests", set()))
    ]


@checks.register("wagtail_live", deploy=True)
def check_bus_reaches_others(app_configs: Any, **kwargs: Any) -> list:
    if not get_valid(conf.get_bus_configuration):
        return []
    bus = get_bus()
    if bus.listens or bus.look_interval <= MAX_DELAY:
        return []
    return [
        checks.Warning(
            f"{type(bus).__name__} works in one process only: readers in other processes "
            f"get updates up to {bus.look_interval:g} s late.",
            hint="Leave WAGTAIL_LIVE_BUS out, or set it to PostgresBus or RedisBus.",
            id="wagtail_live.W004",
        )
    ]


@checks.register("wagtail_live", deploy=True)
def check_timeout_passes_proxies(app_configs: Any, **kwargs: Any) -> list:
    timeout = get_valid(conf.get_polling_timeout)
    if timeout is None or timeout < MIN_PROXY_TIMEOUT:
        return []
    return [
        checks.Warning(
            f"WAGTAIL_LIVE_POLLING_TIMEOUT is {timeout:g} s, but the timeout of common "
            f"proxies is {MIN_PROXY_TIMEOUT:g} s.",
            hint="Leave it out for the default of 25 s, unless you know your proxies.",
            id="wagtail_live.W005",
        )
    ]


@checks.register("wagtail_live", deploy=True)
def check_streams_have_asgi(app_configs: Any, **kwargs: Any) -> list:
    publisher = get_valid(conf.get_publisher)
    needs_asgi = (EventStreamPublisher, WebSocketPublisher)
    if not publisher or not issubclass(publisher, needs_asgi) or has_asgi():
        return []
    if issubclass(publisher, EventStreamPublisher) and get_engines():
        return []  # the engine holds the streams
    return [
        checks.Warning(
            f"{publisher.__name__} needs ASGI, but the site has no ASGI_APPLICATION: "
            "under WSGI its readers poll.",
            hint="Serve the site with an ASGI server and set ASGI_APPLICATION, or leave "
            "WAGTAIL_LIVE_PUBLISHER out.",
            id="wagtail_live.W006",
        )
    ]


@checks.register("wagtail_live", deploy=True)
def check_readers_can_wait(app_configs: Any, **kwargs: Any) -> list:
    """Explain how a site under WSGI delivers updates."""
    publisher = get_valid(conf.get_publisher)
    interval = get_valid(conf.get_polling_interval)
    if not publisher or not interval or not settings.WSGI_APPLICATION:
        return []
    if has_asgi() or get_engines():
        return []
    late = f"get updates up to {interval / 1000:g} s late"
    if conf.has_chosen_publisher() and issubclass(publisher, LongPollingPublisher):
        return [
            checks.Warning(
                f"{publisher.__name__} lets readers wait, but the site has no "
                "ASGI_APPLICATION: under WSGI each of them occupies a thread. Without "
                "threads none of them waits; with threads, at most "
                f"WAGTAIL_LIVE_MAX_WAITING_THREADS in a process. All others {late}.",
                hint=f"{SERVE_UNDER_ASGI} Otherwise leave WAGTAIL_LIVE_PUBLISHER out, "
                "or set it to IntervalPollingPublisher.",
                id="wagtail_live.W010",
            )
        ]
    if conf.has_chosen_publisher() or hasattr(settings, "ASGI_APPLICATION"):
        return []
    return [
        checks.Info(
            f"Readers of pages that are served under WSGI {late}: they poll, because "
            "each reader who waits would occupy a thread.",
            hint=f"{SERVE_UNDER_ASGI} Otherwise nothing needs to be done; "
            "ASGI_APPLICATION = None says so.",
            id="wagtail_live.I001",
        )
    ]


def has_asgi() -> bool:
    """Return whether the site is set up for ASGI.

    Only some servers need ``ASGI_APPLICATION``. If a site does not mention it, we look for
    our middleware in the module ``asgi`` beside the one that is named for WSGI.
    """
    if hasattr(settings, "ASGI_APPLICATION"):
        return bool(settings.ASGI_APPLICATION)
    package, _, _ = (settings.WSGI_APPLICATION or "").rpartition(".wsgi.")
    try:
        module = find_spec(f"{package}.asgi") if package else None
        source = Path(module.origin).read_text() if module and module.origin else ""
    except (ImportError, OSError, ValueError):
        return False
    return "LiveUpdatesMiddleware" in source
