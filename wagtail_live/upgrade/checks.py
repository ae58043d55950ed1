"""System checks that tell of what is left of wagtail-live 1.0."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.core import checks
from wagtail.models import AbstractPage

from ..models import LivePageMixin

OLD_SETTINGS = {
    "WAGTAIL_LIVE_PAGE_MODEL": "Remove it: every subclass of LivePageMixin is live.",
    "WAGTAIL_LIVE_RECEIVER": "Name the receivers in WAGTAIL_LIVE_RECEIVERS.",
    "WAGTAIL_LIVE_REDIS_URL": "Name the server in WAGTAIL_LIVE_BUS.",
    "WAGTAIL_LIVE_SERVER_HOST": "Remove it: the site itself serves its readers.",
    "WAGTAIL_LIVE_SERVER_PORT": "Remove it: the site itself serves its readers.",
    "WAGTAIL_LIVE_SYNC_WITH_ADMIN": "Remove it: all that is written is sent.",
}


@checks.register("wagtail_live")
def check_old_settings(app_configs, **kwargs):
    return [
        checks.Warning(
            f"{name} is a setting of wagtail-live 1.0, and nothing reads it.",
            hint=hint,
            id="wagtail_live.W002",
        )
        for name, hint in OLD_SETTINGS.items()
        if hasattr(settings, name)
    ]


@checks.register("wagtail_live", checks.Tags.models)
def check_bases(app_configs, **kwargs):
    """Wagtail's ``Page`` does not call on to bases that stand behind it."""
    return [
        checks.Warning(
            f"{model.__name__} names LivePageMixin after the page type that it extends: "
            "the page editor tells nothing of the live blog.",
            hint=f"Write class {model.__name__}(LivePageMixin, …).",
            obj=model,
            id="wagtail_live.W003",
        )
        for model in apps.get_models()
        if issubclass(model, LivePageMixin) and _has_mixin_last(model)
    ]


def _has_mixin_last(model) -> bool:
    bases = model.__mro__
    return bases.index(LivePageMixin) > bases.index(AbstractPage)
