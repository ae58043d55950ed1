"""Complete catalogs: every string is translated into every language."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.process import find_program

PACKAGE = Path(__file__).resolve().parents[2] / "wagtail_live"
LANGUAGES = sorted(
    folder.name for folder in PACKAGE.glob("locale/*") if folder.is_dir()
)


def run(*command, cwd=None):
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    """A copy of the package with the catalogs as ``makemessages`` writes them now."""
    find_program("xgettext")
    copy = tmp_path_factory.mktemp("translations") / "wagtail_live"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    # -P: modules of the package have names of the standard library's.
    run(sys.executable, "-P", "-m", "django", "makemessages", "--all", cwd=copy)
    return copy


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("trouble", ["untranslated", "only-fuzzy"])
def test_catalogs_are_complete(extracted, language, trouble):
    catalog = extracted / "locale" / language / "LC_MESSAGES" / "django.po"
    assert run("msgattrib", f"--{trouble}", "--no-obsolete", catalog).decode() == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogs_are_up_to_date(language):
    find_program("msgfmt")
    catalog = PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"
    compiled = run("msgfmt", "--check-format", "--output-file=-", catalog)
    assert catalog.with_suffix(".mo").read_bytes() == compiled
