"""Write the table of ``docs/settings.md`` from ``wagtail_live.conf``.

python scripts/make_settings_table.py
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "settings.md"
HEADER = (
    "| setting | default | description | in Python | check |\n|---|---|---|---|---|\n"
)
TABLE = re.compile(re.escape(HEADER) + r"(\|.*\n)*")


def update(page: str) -> str:
    """Return the page with the table of today's settings."""
    from wagtail_live import conf

    functions = {value: name for name, value in vars(conf).items() if callable(value)}
    rows = []
    for setting in conf.SETTINGS.values():
        default = repr(setting.default).replace("'", '"')
        rows.append(
            f"| `{setting.name}` | `{default}` | {setting.description} "
            f"| `{functions[setting.read]}()` | `{setting.check_id}` |\n"
        )
    return TABLE.sub(lambda match: HEADER + "".join(rows), page)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    PAGE.write_text(update(PAGE.read_text()))
