"""Notifications of key events, and the tables of all optional apps."""

import pytest
from django.db import connection

from tests.sites.scenarios import run_scenarios

FOLDER = "tests/contrib/push"


@pytest.mark.every_database
def test_a_site_with_notifications():
    scenarios = [
        f"{FOLDER}/sending.py",
        f"{FOLDER}/subscribing.py",
        "tests/models/test_rolling_deploy.py",
    ]
    if connection.vendor == "sqlite":
        scenarios += ["tests/browser/push.py", "tests/gates/test_new_columns.py"]
    run_scenarios(scenarios, "tests.contrib.settings", on_every_database=True)
