"""What the documentation says is tested together is tested, with these versions."""

import re
import tomllib

import pytest

from scripts.import_graph import ROOT

PAGE = (ROOT / "docs" / "works-with.md").read_text()
ROWS = re.findall(r"^\| (.+) \|$", PAGE, re.MULTILINE)[1:]
GROUP = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"][
    "test"
]
TOX = (ROOT / "tox.ini").read_text()


def test_there_is_a_table():
    assert len(ROWS) >= 10


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.partition(" |")[0])
def test_the_test_of_a_row_exists(row):
    test = row.split(" | ")[-1].strip("`")
    assert (ROOT / test).is_file()


def find_packages():
    return re.findall(
        r"^\| \[([\w-]+)\][^|]+\| (\d+\.\d+) and later", PAGE, re.MULTILINE
    )


@pytest.mark.parametrize(("name", "version"), find_packages())
def test_the_tests_install_that_version(name, version):
    wanted = f"{name}>={version}".removesuffix(".0")
    assert wanted in {*GROUP, *TOX.partition("commands")[0].replace(": ", "\n").split()}
