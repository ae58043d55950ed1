"""A live page is translated with wagtail-localize."""

from tests.sites.scenarios import run_scenarios


def test_a_site_that_is_translated():
    run_scenarios(
        "tests/sites/localized/translating.py", "tests.sites.localized.settings"
    )
