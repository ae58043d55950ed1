"""System checks of the app. Those of its settings are made with all others."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

from . import conf  # noqa: F401 (its settings are checked)


@checks.register("wagtail_live", deploy=True)
def check_ancestors_are_chosen(app_configs: Any, **kwargs: Any) -> list:
    if hasattr(settings, "WAGTAIL_LIVE_EMBED_ANCESTORS"):
        return []
    return [
        checks.Info(
            "Any site may show the public live blogs of this site in a frame.",
            hint="Set WAGTAIL_LIVE_EMBED_ANCESTORS to the origins that may, or to "
            '["*"] if that is meant.',
            id="wagtail_live_embed.I001",
        )
    ]
