"""Videos of a site with wagtailmedia."""

from tests.sites.scenarios import run_scenarios

FOLDER = "tests/sites/video"
PATHS = [f"{FOLDER}/publishing.py", f"{FOLDER}/receiving.py"]


def test_a_site_with_videos():
    run_scenarios(PATHS, "tests.sites.video.settings")
