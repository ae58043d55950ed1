"""The settings of the app."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from ...conf import Number, Setting
from .base import Assistant

APP = "wagtail_live.contrib.assistant"
METHODS = {
    "key_points": "suggest_key_points",
    "alt_text": "suggest_alt_text",
    "translation": "translate",
}


class AssistantClass(Setting[type | None]):
    """Returns the class, or ``None``."""

    def clean(self, value: Any) -> type | None:
        if value is None:
            return None
        try:
            cls = import_string(value)
        except (ImportError, TypeError, AttributeError, ValueError) as error:
            self.fail(f"must be the dotted path of a class, not {value!r}: {error}")
        if not isinstance(cls, type):
            self.fail(f"must name a class, not {value}.")
        if not list_kinds(cls):
            names = ", ".join(METHODS.values())
            self.fail(
                f"must name a class with one of the methods {names}, not {value}."
            )
        return cls


def list_kinds(cls: type | None) -> list[str]:
    """Return the kinds of suggestions that a class makes."""
    return [
        kind
        for kind, name in METHODS.items()
        if callable(method := getattr(cls, name, None))
        and method is not getattr(Assistant, name)
    ]


get_assistant_class = AssistantClass(
    "WAGTAIL_LIVE_ASSISTANT",
    None,
    "wagtail_live_assistant.E001",
    "Dotted path of the class that suggests key points, alt texts and translations on the "
    "desk, such as a subclass of `wagtail_live.contrib.assistant.base.Assistant`.",
    "Leave WAGTAIL_LIVE_ASSISTANT out for no suggestions, or set it to the dotted path of a "
    "class.",
    app=APP,
).read
get_timeout = Number[float](
    "WAGTAIL_LIVE_ASSISTANT_TIMEOUT",
    30,
    "wagtail_live_assistant.E002",
    "Seconds after which an editor is told that the assistant did not answer.",
    app=APP,
    minimum=1,
    unit="seconds",
).read
get_limit = Number[int](
    "WAGTAIL_LIVE_ASSISTANT_LIMIT",
    60,
    "wagtail_live_assistant.E003",
    "Suggestions that a user may ask for in an hour, on all live pages together.",
    app=APP,
    minimum=1,
    unit="suggestions an hour",
).read


def get_kinds() -> list[str]:
    """Return the kinds of suggestions that the desk offers: none if the setting is wrong,
    which a system check reports."""
    try:
        return list_kinds(get_assistant_class())
    except ImproperlyConfigured:
        return []
