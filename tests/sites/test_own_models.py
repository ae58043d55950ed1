"""Writing and reading work on a site with its own user model and image model."""

import pytest

from tests.sites.scenarios import run_scenarios

pytestmark = [pytest.mark.slow, pytest.mark.every_version]


def test_a_site_with_users_and_images_of_its_own():
    run_scenarios(
        "tests/sites/ownmodels/reporting.py", "tests.sites.ownmodels.settings"
    )
