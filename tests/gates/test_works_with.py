"""What the documentation says is tested together is tested, with these versions."""

import re
import tomllib

import pytest

from scripts.import_graph import ROOT

PAGE = (ROOT / "docs" / "works-with.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ")][1:]
NAMES = [re.match(r"\| \[?(.+?)(\]| \|)", row)[1] for row in ROWS]
PACKAGES = re.findall(
    r"^\| \[([\w-]+)\]\(\S+\), ([\d.]+) and later", PAGE, re.MULTILINE
)
TESTS = {
    "wagtail-localize": "sites/test_localized.py",
    "Wagtail's simple translation": "sites/test_wagtail_contrib.py",
    "wagtailmedia": "sites/test_video.py",
    "wagtail-headless-preview": "sites/test_headless.py",
    "wagtail-cache": "delivery/test_decorated_urls.py",
    "Wagtail's front-end cache": "sites/test_wagtail_contrib.py",
    "Wagtail's API": "sites/test_wagtail_contrib.py",
    "your own user model": "sites/test_own_models.py",
    "your own image model": "sites/test_own_models.py",
    "your own page model, from Wagtail 8": "models/test_migrations.py",
}


def test_each_row_has_a_test():
    assert [*TESTS] == NAMES
    assert [
        test for test in TESTS.values() if not (ROOT / "tests" / test).exists()
    ] == []


@pytest.mark.parametrize(("name", "version"), PACKAGES)
def test_the_version_is_that_of_the_tests(name, version):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = re.findall(r"wagtail-cache>=\S+", (ROOT / "tox.ini").read_text())
    needed += project["dependency-groups"]["test"]
    assert f"{name}>={version}".removesuffix(".0") in needed


def test_packages_have_versions():
    assert {name for name, _ in PACKAGES} >= {name for name in TESTS if " " not in name}
