"""Videos of a site with wagtailmedia."""

import pytest

from tests.sites.scenarios import run_scenarios

pytestmark = [pytest.mark.slow, pytest.mark.every_version]

FOLDER = "tests/sites/video"
PATHS = [f"{FOLDER}/publishing.py", f"{FOLDER}/receiving.py"]


def test_a_site_with_videos():
    run_scenarios(PATHS, "tests.sites.video.settings")
