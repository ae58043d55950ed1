"""A live page is translated with wagtail-localize."""

import pytest

from tests.sites.scenarios import run_scenarios

pytestmark = [pytest.mark.slow, pytest.mark.every_version]


def test_a_site_that_is_translated():
    run_scenarios(
        "tests/sites/localized/translating.py", "tests.sites.localized.settings"
    )
