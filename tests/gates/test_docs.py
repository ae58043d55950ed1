"""The reference names what there is, and nothing else."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from scripts.make_settings_table import HEADER, get_page, get_pages, update
from wagtail_live import conf

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = "\n".join(page.read_text() for page in DOCS.glob("*.md"))
SETTINGS = (DOCS / "settings.md").read_text()
APPS = sorted(file.parent for file in ROOT.glob("wagtail_live/contrib/*/apps.py"))
ROW = re.compile(r"^\| `(WAGTAIL_LIVE_\w+)` \|", re.MULTILINE)
INSTALLED = re.compile(r"pip install[^`\n]*wagtail-live[^`\n]*")
SAFE = re.compile(r"\./wagtail-live|wagtail-live(\[\w+\])?>=2\"")
CHECK_ID = re.compile(r"wagtail_live\.([EIW]\d{3})")


def check_ids_in_code():
    files = (ROOT / "wagtail_live").rglob("*.py")
    return {
        check_id for file in files for check_id in CHECK_ID.findall(file.read_text())
    }


@pytest.mark.parametrize("name", get_pages())
def test_settings(name):
    """scripts/make_settings_table.py has been run."""
    page = (DOCS / name).read_text()
    documented = {
        each.name for each in conf.SETTINGS.values() if get_page(each) == name
    }
    assert HEADER in page
    assert set(ROW.findall(page)) == documented
    assert update(name, page) == page


def test_system_checks():
    assert set(CHECK_ID.findall(SETTINGS)) == check_ids_in_code()


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_system_checks_of_apps(app):
    check_id = re.compile(rf"wagtail_live_{app.name}\.[EIW]\d{{3}}")
    in_code = {
        found
        for file in app.rglob("*.py")
        for found in check_id.findall(file.read_text())
    }
    page = (DOCS / f"{app.name}.md").read_text()
    assert set(check_id.findall(page)) == in_code


def get_own_commands():
    files = (ROOT / "wagtail_live" / "contrib").rglob("commands/live_*.py")
    own = [name for name, app in get_commands().items() if app == "wagtail_live"]
    return [*own, *(file.stem for file in files)]


@pytest.mark.parametrize("command", get_own_commands())
def test_commands(command):
    assert command in PAGES


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{page.name}" for page in DOCS.glob("*.md"))]
)
def test_nothing_installs_version_1(page):
    """It is the only one on the package index until 2.0 is out."""
    commands = INSTALLED.findall((ROOT / page).read_text())
    assert [command for command in commands if not SAFE.search(command)] == []
