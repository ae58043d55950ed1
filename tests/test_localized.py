"""A live page is translated with wagtail-localize."""

from tests.scenarios import run_scenarios


def test_a_site_that_is_translated():
    run_scenarios("tests/localized/translating.py", "tests.localized.settings")
