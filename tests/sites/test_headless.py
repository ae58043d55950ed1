"""A front end shows the pages, and previews, of a site with wagtail-headless-preview."""

import pytest

from tests.servers.site import ROOT
from tests.sites.scenarios import run_scenarios

pytestmark = [pytest.mark.slow, pytest.mark.every_version]

FOLDER = "tests/sites/headless"


def test_a_site_with_previews_in_a_front_end():
    run_scenarios(f"{FOLDER}/previewing.py", "tests.sites.headless.settings")


def test_the_documentation_shows_the_code_of_that_site():
    page = (ROOT / "docs" / "headless.md").read_text()
    for name in ("models.py", "api.py"):
        assert (ROOT / FOLDER / name).read_text() in page
