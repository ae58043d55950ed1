"""The reference names what there is, and nothing else."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from scripts.make_settings_table import HEADER, update
from wagtail_live import conf

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = "\n".join(page.read_text() for page in DOCS.glob("*.md"))
SETTINGS = (DOCS / "settings.md").read_text()
ROW = re.compile(r"^\| `(WAGTAIL_LIVE_\w+)` \|", re.MULTILINE)
CHECK_ID = re.compile(r"wagtail_live\.([EIW]\d{3})")


def check_ids_in_code():
    files = (ROOT / "wagtail_live").rglob("*.py")
    return {
        check_id for file in files for check_id in CHECK_ID.findall(file.read_text())
    }


def test_settings():
    """scripts/make_settings_table.py has been run."""
    assert HEADER in SETTINGS
    assert set(ROW.findall(SETTINGS)) == conf.SETTINGS.keys()
    assert update(SETTINGS) == SETTINGS


def test_system_checks():
    assert set(CHECK_ID.findall(SETTINGS)) == check_ids_in_code()


@pytest.mark.parametrize(
    "command", [name for name, app in get_commands().items() if app == "wagtail_live"]
)
def test_commands(command):
    assert command in PAGES
