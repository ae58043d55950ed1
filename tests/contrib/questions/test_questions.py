"""Questions of readers, and archives. test_push.py asks other databases for the same."""

import pytest

from tests.sites.scenarios import run_scenarios

pytestmark = [pytest.mark.slow, pytest.mark.every_version]

SCENARIOS = [
    "tests/contrib/archive/archiving.py",
    "tests/contrib/archive/coming.py",
    "tests/contrib/archive/leaving.py",
    "tests/contrib/archive/surviving.py",
    "tests/browser/archive.py",
    "tests/contrib/questions/asking.py",
    "tests/contrib/questions/answering.py",
    "tests/browser/questions.py",
    "tests/browser/optional_apps.py",
]


def test_a_site_with_questions_and_archives():
    run_scenarios(SCENARIOS, "tests.contrib.settings")
