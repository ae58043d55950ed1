"""The page of measurements: a run replaces its own tables, and nothing else."""

import pytest

from tests.load.bench import MODULES, command
from tests.load.claims import Claim
from tests.load.page import ROOT, claims_table, conditions, fill
from tests.load.report import show, take_told

PAGE = ROOT / "docs" / "measured.md"
TWO_TABLES = """# Measured

By hand.

<!-- begin desk, written by make bench -->

desk of old

<!-- end desk -->

Between.

<!-- begin desk_of_two, written by make bench -->

two desks of old

<!-- end desk_of_two -->
"""


@pytest.fixture
def page(tmp_path):
    page = tmp_path / "measured.md"
    page.write_text(TWO_TABLES)
    return page


def test_a_run_replaces_its_own_table(page, capsys):
    take_told()
    show("Opening the desk", ("posts", "p50 ms"), [("50", "4.1")])
    claims = [Claim("time, ratio", 1.1, 1.3), Claim("queries", 2, 0)]
    fill(page, "desk", "On this machine.", *take_told(), *claims_table(claims))
    text = page.read_text()
    assert "desk of old" not in text.replace("two desks of old", "")
    assert "### Opening the desk\n\n| posts | p50 ms |\n" in text
    assert "| time, ratio | 1.10 | ≤ 1.30 |  | pass |" in text
    assert "| queries | 2.00 | ≤ 0.00 |  | **FAIL** |" in text
    assert "Opening the desk" in capsys.readouterr().out
    for kept in ("By hand.", "Between.", "two desks of old"):
        assert kept in text
    fill(page, "desk", "desk of old")
    assert page.read_text() == TWO_TABLES


def test_a_table_without_a_place_is_an_error(page):
    with pytest.raises(LookupError, match="0 places of the table streams"):
        fill(page, "streams", "A table")
    assert page.read_text() == TWO_TABLES


@pytest.mark.parametrize("name", MODULES)
def test_the_documentation_has_a_place_for(name, tmp_path):
    page = tmp_path / "measured.md"
    page.write_text(PAGE.read_text())
    fill(page, name, "A new table")
    assert page.read_text().count("A new table") == 1


def test_the_conditions_name_what_figures_depend_on():
    words = conditions("PostgreSQL 17")
    for name in ("commit", "Python", "Django", "wagtail", "PostgreSQL 17", "load"):
        assert name in words


@pytest.mark.parametrize(
    ("given", "repeated"),
    [
        ([], ""),
        (["--page", "docs/measured.md"], ""),
        (["--tables", "desk,costs", "--updates=2", "--page=x"], " --updates=2"),
    ],
)
def test_the_command_repeats_one_table(given, repeated):
    assert command("desk", given) == f"python -m tests.load --tables desk{repeated}"
