"""The part of the desk that offers suggestions."""

from __future__ import annotations

from typing import Any

from django.forms.widgets import Media, Script
from django.utils.functional import cached_property
from wagtail.admin.ui.components import Component

from . import conf
from .questions import list_languages


class AssistantPanel(Component):
    """The buttons beside fields, as templates, and their script."""

    template_name = "wagtail_live/assistant/panel.html"

    def __init__(self, kinds: list[str]):
        self.kinds = kinds

    @cached_property
    def media(self):
        folder = "wagtail_live/assistant"
        scripts = ("suggestion", "places")
        return Media(
            css={"all": [f"{folder}/assistant.css"]},
            js=[Script(f"{folder}/{name}.js", type="module") for name in scripts],
        )

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {
            "kinds": self.kinds,
            "languages": list_languages(),
            "timeout": conf.get_timeout(),
        }
