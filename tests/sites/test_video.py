"""Videos of a site with wagtailmedia."""

from tests.sites.scenarios import run_scenarios


def test_a_site_with_videos():
    run_scenarios("tests/sites/video/publishing.py", "tests.sites.video.settings")
