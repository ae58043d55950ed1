"""The parts that apps add to the desk: buttons in its header, whose labels can change, and
panels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wagtail import hooks

from ..base import DeskRights


def get_buttons(page: Any, rights: DeskRights) -> Iterator[Any]:
    for get_buttons_of_app in hooks.get_hooks("register_live_desk_buttons"):
        yield from get_buttons_of_app(page, rights)


def get_panels(page: Any, rights: DeskRights) -> list[Any]:
    """Return the components that apps add to the desk, with their scripts and styles."""
    return [
        panel
        for get_panels_of_app in hooks.get_hooks("register_live_desk_panels")
        for panel in get_panels_of_app(page, rights)
    ]


def get_labels(page: Any, rights: DeskRights) -> dict[str, str]:
    """Return the label of each button by its URL."""
    return {str(each.url): str(each.label) for each in get_buttons(page, rights)}
