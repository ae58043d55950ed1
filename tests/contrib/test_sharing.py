"""Posts in several blogs, of one site and of several, in a process with a site that has the
apps, and on each database."""

import pytest
from django.db import connection

from tests.parallel import nightly_on_sqlite
from tests.sites.scenarios import run_scenarios

pytestmark = pytest.mark.slow

SHARING = ["tests/contrib/sharing/sharing.py", "tests/contrib/sharing/serving.py"]
SYNDICATION = [
    "tests/contrib/syndication/contract.py",
    "tests/contrib/syndication/receiving.py",
    "tests/contrib/syndication/going_round.py",
]
SURVIVING = ["tests/contrib/sharing/surviving.py"]
ON_OTHERS = [
    "tests/contrib/sharing/sharing.py",
    "tests/contrib/syndication/contract.py",
]
DESK = ["tests/browser/sharing.py"]


@pytest.mark.every_version
def test_a_site_with_shared_posts():
    run_scenarios(SHARING, "tests.contrib.settings")


def test_a_site_with_posts_of_another_one():
    run_scenarios(SYNDICATION, "tests.contrib.settings")


def test_the_desk_of_a_site_with_shared_posts():
    run_scenarios(DESK, "tests.contrib.settings")


@pytest.mark.django_db
@pytest.mark.every_database
@nightly_on_sqlite
def test_shared_posts_survive_a_kill():
    run_scenarios(SURVIVING, "tests.contrib.settings", on_every_database=True)


@pytest.mark.django_db
@pytest.mark.every_database
@pytest.mark.nightly
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the first two run these")
def test_shared_posts_on_other_databases():
    run_scenarios(ON_OTHERS, "tests.contrib.settings", on_every_database=True)
