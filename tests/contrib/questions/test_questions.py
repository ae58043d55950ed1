"""Questions of readers."""

from tests.sites.scenarios import run_scenarios

FOLDER = "tests/contrib/questions"


def test_a_site_with_questions():
    scenarios = [
        f"{FOLDER}/asking.py",
        f"{FOLDER}/answering.py",
        "tests/browser/questions.py",
    ]
    run_scenarios(scenarios, "tests.contrib.questions.settings")
