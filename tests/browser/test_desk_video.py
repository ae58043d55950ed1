"""Videos on the desk of a site with wagtailmedia."""

import pytest

from tests.sites.scenarios import run_scenarios

pytestmark = pytest.mark.slow


def test_videos_on_the_desk():
    scenarios = ["tests/browser/video.py", "tests/contrib/archive/media.py"]
    run_scenarios(scenarios, "tests.sites.video.settings")
