"""Emoji by the names that Slack gives them; ``emoji.txt`` is made by
``scripts/make_emoji_table.py``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

# Slack counts the tones from 2 to 6, as the Fitzpatrick scale does.
SKIN_TONES = {number: chr(0x1F3FB + number - 2) for number in range(2, 7)}
VARIATION_SELECTOR = "\ufe0f"


def emoji_by_name(name: str, skin_tone: int | None = None) -> str:
    """The characters of an emoji; ``:name:`` for one that a workspace made itself."""
    characters, takes_tone = _table().get(name, (f":{name}:", False))
    if not takes_tone or skin_tone not in SKIN_TONES:
        return characters
    others = characters[1:].removeprefix(VARIATION_SELECTOR)
    return characters[0] + SKIN_TONES[skin_tone] + others


def emoji_by_code_points(code_points: str) -> str:
    """The characters of ``1f44b-1f3fd``; ``""`` where these are none."""
    try:
        return "".join(chr(int(point, 16)) for point in code_points.split("-"))
    except (ValueError, OverflowError):
        return ""


@cache
def _table() -> dict[str, tuple[str, bool]]:
    table = {}
    text = files(__package__).joinpath("emoji.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        code_points, *names = line.split(" ")
        emoji = emoji_by_code_points(code_points.rstrip("+"))
        table |= dict.fromkeys(names, (emoji, code_points.endswith("+")))
    return table
