"""Make the table of Slack's emoji names from npm's package emoji-datasource.

    npm pack emoji-datasource@16.0.0 && tar xzf emoji-datasource-16.0.0.tgz
    python scripts/make_emoji_table.py package wagtail_live/receivers/emoji.txt

Each line of the table has the code points of an emoji, ``+`` where it takes a skin tone,
and its names.
"""

import json
import sys
from pathlib import Path

FIRST_TONE = "1F3FB"
VARIATION_SELECTOR = "FE0F"


def make_table(package: Path) -> str:
    version = json.loads((package / "package.json").read_text())["version"]
    emoji = json.loads((package / "emoji.json").read_text())
    notice = [
        f"Made from emoji-datasource {version} by scripts/make_emoji_table.py, from data",
        "under this licence:",
        "",
        *(package / "LICENSE").read_text().splitlines(),
    ]
    lines = [f"# {line}".rstrip() for line in notice]
    lines += [line_of(entry) for entry in sorted(emoji, key=lambda e: e["short_name"])]
    return "\n".join(lines) + "\n"


def line_of(entry: dict) -> str:
    points = entry["unified"].split("-")
    toned = entry.get("skin_variations", {}).get(FIRST_TONE)
    takes_tone = bool(toned) and toned["unified"].split("-") == with_tone(points)
    return f"{'-'.join(points)}{'+' * takes_tone} {' '.join(entry['short_names'])}"


def with_tone(points: list[str]) -> list[str]:
    """Insert the tone after the first code point, replacing a variation selector."""
    first, *others = points
    if others[:1] == [VARIATION_SELECTOR]:
        others = others[1:]
    return [first, FIRST_TONE, *others]


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(make_table(source))
