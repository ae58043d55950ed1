"""Tests that tests/contrib/test_newsroom.py runs in a process with other settings: a site
that gives its static files names with hashes has those of all apps."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command

import wagtail_live

PACKAGE = Path(wagtail_live.__file__).parent
REFERENCE = re.compile(r"""["'](wagtail_live/[\w/.-]+\.(?:js|css|svg|png))["']""")
# No storage of Django's rewrites these to names with hashes.
RELATIVE_IMPORT = re.compile(r"""(?:\bfrom|\bimport\(?)\s*["']\.""")


@pytest.fixture
def manifest(settings, tmp_path):
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    settings.STATIC_ROOT = tmp_path
    call_command(
        "collectstatic",
        interactive=False,
        verbosity=0,
        ignore_patterns=["admin", "wagtail[!_]*"],
    )
    return json.loads((tmp_path / "staticfiles.json").read_text())["paths"]


def test_all_files_are_collected(manifest):
    files = {
        str(file.relative_to(folder))
        for folder in PACKAGE.rglob("static")
        for file in folder.rglob("*.*")
    }
    assert files == {name for name in manifest if name.startswith("wagtail_live/")}


def test_all_references_are_found(manifest):
    sources = [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.py")]
    referred = {
        name for source in sources for name in REFERENCE.findall(source.read_text())
    }
    assert len(referred) > 40
    assert referred - manifest.keys() == set()


def test_no_module_imports_another_by_its_plain_name():
    modules = [file for file in PACKAGE.rglob("*.js") if "static" in file.parts]
    assert modules
    wrong = [file.name for file in modules if RELATIVE_IMPORT.search(file.read_text())]
    assert wrong == []
