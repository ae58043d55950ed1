"""System checks of the app. Those of its settings are made with all others."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from ..visitors import check_cache
from . import conf


@checks.register("wagtail_live")
def check_key(app_configs: Any, **kwargs: Any) -> list:
    messages = []
    try:
        key, contact = conf.get_private_key(), conf.get_contact()
    except ImproperlyConfigured:  # reported with the settings
        return []
    if key is None:
        messages.append(
            checks.Warning(
                "There is no WAGTAIL_LIVE_PUSH_PRIVATE_KEY: readers are not offered "
                "notifications.",
                hint="Run manage.py live_push_keys, and keep the key with your secrets.",
                id="wagtail_live_push.W001",
            )
        )
    elif not contact:
        messages.append(
            checks.Warning(
                "There is no WAGTAIL_LIVE_PUSH_CONTACT: Apple's push service refuses "
                "messages without it.",
                hint='Set it to "mailto:" and a mail address that is read.',
                id="wagtail_live_push.W002",
            )
        )
    return messages


@checks.register("wagtail_live", deploy=True)
def check_limit(app_configs: Any, **kwargs: Any) -> list:
    return check_cache("WAGTAIL_LIVE_PUSH_LIMIT", "wagtail_live_push.W003")
