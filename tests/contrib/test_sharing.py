"""Posts in several blogs, in a process with a site that has the app, and on each database."""

import pytest

from tests.sites.scenarios import run_scenarios

SCENARIOS = [
    "tests/contrib/sharing/sharing.py",
    "tests/contrib/sharing/serving.py",
    "tests/browser/sharing.py",
]


def test_a_site_with_shared_posts():
    run_scenarios(SCENARIOS, "tests.contrib.settings")


@pytest.mark.django_db
@pytest.mark.every_database
def test_shared_posts_on_each_database():
    run_scenarios(
        ["tests/contrib/sharing/surviving.py", "tests/contrib/sharing/sharing.py"],
        "tests.contrib.settings",
        on_every_database=True,
    )
