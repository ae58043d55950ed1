"""System checks of the app. Those of its settings are made with all others."""

from __future__ import annotations

from typing import Any

from django.core import checks

from ..visitors import check_cache
from . import conf  # noqa: F401 (its settings are checked)


@checks.register("wagtail_live", deploy=True)
def check_limit(app_configs: Any, **kwargs: Any) -> list:
    return check_cache("WAGTAIL_LIVE_QUESTIONS_LIMIT", "wagtail_live_questions.W001")
