"""The settings of the app."""

from __future__ import annotations

import re
from typing import Any

from ...conf import Number, Setting

APP = "wagtail_live.contrib.embed"
ANY = "*"
HOST = r"(\*\.)?[a-zA-Z0-9.-]+(:(\d{1,5}|\*))?"
SOURCE = re.compile(rf"https?:|https?://{HOST}|'self'")
KEYWORD = re.compile(r"data:|blob:|'(unsafe-inline|(nonce|sha\d+)-[\w+/=-]+)'")
DIRECTIVES = {
    f"{kind}-src" for kind in ("connect", "font", "frame", "img", "media", "script")
} | {"style-src"}


class Ancestors(Setting[tuple[str, ...]]):
    """Returns the sources of the directive ``frame-ancestors``."""

    def clean(self, value: Any) -> tuple[str, ...]:
        if value == [ANY] or value == (ANY,):
            return (ANY,)
        if not isinstance(value, list | tuple) or not all(
            isinstance(source, str) and SOURCE.fullmatch(source) for source in value
        ):
            example = '["https://partner.example", "https://*.partner.example"]'
            self.fail(f'must be a list such as {example}, or ["*"], not {value!r}.')
        return ("'self'", *(source for source in value if source != "'self'"))


class Sources(Setting[dict[str, tuple[str, ...]]]):
    """Returns the sources that are added to each directive."""

    def clean(self, value: Any) -> dict[str, tuple[str, ...]]:
        if not isinstance(value, dict):
            self.fail(f"must be a dict, not a {type(value).__name__}.")
        for directive, sources in value.items():
            where = f"[{directive!r}]"
            if directive not in DIRECTIVES:
                names = ", ".join(sorted(DIRECTIVES))
                self.fail(f"is not a directive that can be extended: {names}.", where)
            if not isinstance(sources, list | tuple) or not all(
                isinstance(source, str)
                and (SOURCE.fullmatch(source) or KEYWORD.fullmatch(source))
                for source in sources
            ):
                self.fail(
                    f"must be a list of sources such as 'https://platform.example', "
                    f"not {sources!r}.",
                    where,
                )
        return {directive: tuple(sources) for directive, sources in value.items()}


get_ancestors = Ancestors(
    "WAGTAIL_LIVE_EMBED_ANCESTORS",
    [ANY],
    "wagtail_live_embed.E001",
    "Sites that may show public live blogs in a frame: the sources of the directive "
    '`frame-ancestors`. The site itself always may. `["*"]` for any site, `[]` for no other.',
    "Set WAGTAIL_LIVE_EMBED_ANCESTORS to a list of origins, such as "
    '["https://partner.example"], or to ["*"].',
    app=APP,
).read
get_sources = Sources(
    "WAGTAIL_LIVE_EMBED_SOURCES",
    {},
    "wagtail_live_embed.E002",
    "Sources that are added to the Content-Security-Policy of the framed page, by "
    'directive: `{"script-src": ["https://platform.example"]}`.',
    "Leave WAGTAIL_LIVE_EMBED_SOURCES out, or set it to a dict of lists.",
    app=APP,
).read
get_height = Number[int](
    "WAGTAIL_LIVE_EMBED_HEIGHT",
    800,
    "wagtail_live_embed.E003",
    "Pixels that a frame is high if its blog is long. The frame of a short one is lower.",
    app=APP,
    minimum=200,
    unit="pixels",
).read
