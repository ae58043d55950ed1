"""Videos on the desk of a site with wagtailmedia."""

from tests.sites.scenarios import run_scenarios


def test_videos_on_the_desk():
    run_scenarios("tests/browser/video.py", "tests.sites.video.settings")
