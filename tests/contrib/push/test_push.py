"""Notifications of key events, and the tables of all optional apps."""

import pytest
from django.db import connection

from tests.sites.scenarios import run_scenarios

pytestmark = [pytest.mark.slow, pytest.mark.every_version]

SCENARIOS = [
    "tests/contrib/push/sending.py",
    "tests/contrib/push/subscribing.py",
    "tests/models/test_rolling_deploy.py",
]
ON_SQLITE = ["tests/browser/push.py", "tests/gates/test_new_columns.py"]
# In one process, since a server takes long to start. On SQLite, test_questions.py has them.
ON_OTHERS = [
    "tests/contrib/archive/leaving.py",
    "tests/contrib/archive/surviving.py",
    "tests/contrib/questions/asking.py",
    "tests/contrib/questions/answering.py",
]


@pytest.mark.every_database
def test_a_site_with_notifications():
    others = ON_SQLITE if connection.vendor == "sqlite" else ON_OTHERS
    scenarios = [*SCENARIOS, *others]
    run_scenarios(scenarios, "tests.contrib.settings", on_every_database=True)
