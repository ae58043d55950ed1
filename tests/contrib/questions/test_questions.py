"""Questions of readers."""

import pytest
from django.db import connection

from tests.sites.scenarios import run_scenarios

FOLDER = "tests/contrib/questions"


@pytest.mark.every_database
def test_a_site_with_questions():
    scenarios = [f"{FOLDER}/asking.py", f"{FOLDER}/answering.py"]
    if connection.vendor == "sqlite":
        scenarios += ["tests/browser/questions.py", "tests/browser/optional_apps.py"]
    run_scenarios(scenarios, "tests.contrib.settings", on_every_database=True)
