"""The reference names what there is, and nothing else."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from wagtail_live import conf

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = "\n".join(page.read_text() for page in DOCS.glob("*.md"))
SETTINGS = (DOCS / "settings.md").read_text()
CHECK_ID = re.compile(r"wagtail_live\.([EW]\d{3})")
ROW = re.compile(r"^\| `(WAGTAIL_LIVE_\w+)` \| (.*?) \|", re.MULTILINE)
RANGE = re.compile(r"([EW])(\d{3})`(?: – |, )`(?:wagtail_live\.)?[EW](\d{3})")


def check_ids_in_code():
    files = (ROOT / "wagtail_live").rglob("*.py")
    return {
        check_id for file in files for check_id in CHECK_ID.findall(file.read_text())
    }


def check_ids_in_docs():
    ranges = (
        f"{letter}{number:03}"
        for letter, first, last in RANGE.findall(SETTINGS)
        for number in range(int(first), int(last) + 1)
    )
    return {*CHECK_ID.findall(SETTINGS), *ranges}


def test_settings():
    assert dict(ROW.findall(SETTINGS)).keys() == conf.DEFAULTS.keys()


@pytest.mark.parametrize("name", conf.DEFAULTS)
def test_defaults(name):
    documented = ast.literal_eval(dict(ROW.findall(SETTINGS))[name].strip("`"))
    default = conf.DEFAULTS[name]
    if isinstance(default, tuple):
        default = list(default)
    assert documented in (default, {"default": default})


def test_system_checks():
    assert check_ids_in_docs() == check_ids_in_code()


@pytest.mark.parametrize(
    "command", [name for name, app in get_commands().items() if app == "wagtail_live"]
)
def test_commands(command):
    assert command in PAGES
