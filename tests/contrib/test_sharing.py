"""Posts in several blogs, of one site and of several, in a process with a site that has the
apps, and on each database."""

import pytest
from django.db import connection

from tests.sites.scenarios import run_scenarios

pytestmark = [pytest.mark.slow, pytest.mark.every_version]

SHARING = ["tests/contrib/sharing/sharing.py", "tests/contrib/sharing/serving.py"]
SYNDICATION = [
    "tests/contrib/syndication/contract.py",
    "tests/contrib/syndication/receiving.py",
    "tests/contrib/syndication/going_round.py",
]
DESK = ["tests/browser/sharing.py"]


@pytest.mark.parametrize(
    "scenarios", [SHARING, SYNDICATION, DESK], ids=["sharing", "syndication", "desk"]
)
def test_a_site_with_shared_posts(scenarios):
    run_scenarios(scenarios, "tests.contrib.settings")


@pytest.mark.django_db
@pytest.mark.every_database
def test_shared_posts_on_each_database():
    scenarios = ["tests/contrib/sharing/surviving.py"]
    if connection.vendor == "postgresql":  # the test above runs these on SQLite
        scenarios += [
            "tests/contrib/sharing/sharing.py",
            "tests/contrib/syndication/contract.py",
        ]
    run_scenarios(scenarios, "tests.contrib.settings", on_every_database=True)
