"""Write the tables of settings in ``docs/`` from ``wagtail_live.conf`` and the apps in
``wagtail_live.contrib``.

python scripts/make_settings_table.py
"""

import os
import re
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
HEADER = (
    "| setting | default | description | in Python | check |\n|---|---|---|---|---|\n"
)
TABLE = re.compile(re.escape(HEADER) + r"(\|.*\n)*")
CONTRIB = "wagtail_live.contrib."


def get_page(setting) -> str:
    """Return the name of the page that documents a setting."""
    app = setting.app.removeprefix(CONTRIB)
    return "settings.md" if app == setting.app else f"{app}.md"


def get_pages() -> list[str]:
    from wagtail_live import conf

    for file in (ROOT / "wagtail_live" / "contrib").glob("*/conf.py"):
        import_module(f"{CONTRIB}{file.parent.name}.conf")
    return sorted({get_page(setting) for setting in conf.SETTINGS.values()})


def update(name: str, page: str) -> str:
    """Return the page with this name, with the table of today's settings."""
    from wagtail_live import conf

    rows = []
    for setting in conf.SETTINGS.values():
        if get_page(setting) != name:
            continue
        module = sys.modules.get(f"{setting.app}.conf", conf)
        found = vars(module).items()
        [function] = [name for name, value in found if value == setting.read]
        default = repr(setting.default).replace("'", '"')
        rows.append(
            f"| `{setting.name}` | `{default}` | {setting.description} "
            f"| `{function}()` | `{setting.check_id}` |\n"
        )
    return TABLE.sub(lambda match: HEADER + "".join(rows), page)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    for name in get_pages():
        path = DOCS / name
        path.write_text(update(name, path.read_text()))
