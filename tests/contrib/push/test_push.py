"""Notifications of key events."""

from tests.sites.scenarios import run_scenarios

FOLDER = "tests/contrib/push"


def test_a_site_with_notifications():
    scenarios = [
        f"{FOLDER}/sending.py",
        f"{FOLDER}/subscribing.py",
        "tests/browser/push.py",
    ]
    run_scenarios(scenarios, "tests.contrib.push.settings")
