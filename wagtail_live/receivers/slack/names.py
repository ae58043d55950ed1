"""Who is who in a Slack workspace: its events tell only ids."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.core.cache import cache

from ..shapes import get_dict, get_dicts, get_str
from ..web_api import ApiFailed, WebApi
from .text import Names

logger = logging.getLogger("wagtail_live.receivers")

KEPT = 7 * 24 * 60 * 60  # seconds
ASKED_AGAIN = 60 * 60  # seconds
PAGE = 200
MOST_PAGES = 50


class SlackNames:
    """The names that a site's settings give, and those that Slack told, which are kept in
    the default cache and asked for again after an hour."""

    def __init__(self, receiver: str, given: dict[str, str]):
        self._key = f"wagtail_live.slack_names.{receiver}"
        self._given = given

    def known(self) -> Names:
        """Names by id, without asking Slack."""
        return (cache.get(self._key) or {}) | self._given

    def learn(self, api: WebApi) -> None:
        """Ask Slack for the names of all (scope ``users:read``), at most once an hour.
        Without the scope nobody has a name."""
        if not cache.add(f"{self._key}.asked", True, ASKED_AGAIN):
            return
        try:
            cache.set(self._key, dict(_ask(api)), KEPT)
        except ApiFailed as failed:
            logger.warning("Slack tells no names: %s", failed)


def _ask(api: WebApi) -> Iterator[tuple[str, str]]:
    """docs.slack.dev/reference/methods/users.list"""
    cursor = ""
    for _ in range(MOST_PAGES):
        page = api.call("users.list", limit=PAGE, cursor=cursor)
        for person in get_dicts(page, "members"):
            if name := _name(person):
                yield get_str(person, "id"), name
        cursor = get_str(get_dict(page, "response_metadata"), "next_cursor")
        if not cursor:
            return


def _name(person: dict) -> str:
    profile = get_dict(person, "profile")
    names = get_str(profile, "display_name"), get_str(profile, "real_name")
    return next(filter(None, names), get_str(person, "name"))
