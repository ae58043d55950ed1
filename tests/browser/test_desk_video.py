"""Videos on the desk of a site with wagtailmedia."""

from tests.sites.scenarios import run_scenarios


def test_videos_on_the_desk():
    scenarios = ["tests/browser/video.py", "tests/contrib/archive/media.py"]
    run_scenarios(scenarios, "tests.sites.video.settings")
