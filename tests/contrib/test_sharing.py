"""Posts in several blogs, of one site and of several, in a process with a site that has the
apps, and on each database."""

import pytest

from tests.sites.scenarios import run_scenarios

SCENARIOS = [
    "tests/contrib/sharing/sharing.py",
    "tests/contrib/sharing/serving.py",
    "tests/contrib/syndication/contract.py",
    "tests/contrib/syndication/receiving.py",
    "tests/contrib/syndication/going_round.py",
    "tests/browser/sharing.py",
]


def test_a_site_with_shared_posts():
    run_scenarios(SCENARIOS, "tests.contrib.settings")


@pytest.mark.django_db
@pytest.mark.every_database
def test_shared_posts_on_each_database():
    scenarios = [
        "tests/contrib/sharing/surviving.py",
        "tests/contrib/sharing/sharing.py",
        "tests/contrib/syndication/contract.py",
    ]
    run_scenarios(scenarios, "tests.contrib.settings", on_every_database=True)
