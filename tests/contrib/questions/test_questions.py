"""Questions of readers. test_push.py asks other databases for the same."""

from tests.sites.scenarios import run_scenarios

SCENARIOS = [
    "tests/contrib/questions/asking.py",
    "tests/contrib/questions/answering.py",
    "tests/browser/questions.py",
    "tests/browser/optional_apps.py",
]


def test_a_site_with_questions():
    run_scenarios(SCENARIOS, "tests.contrib.settings")
