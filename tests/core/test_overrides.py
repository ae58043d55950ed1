"""A site overrides templates and static files of the package, or is told why it doesn't."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.servers.site import ROOT

TEMPLATE = "templates/wagtail_live/live_post_footer.html"
STYLES = "static/wagtail_live/live-blog.css"
OTHERS = ("templates/wagtail_live/our_own.html", "templates/sports/live_post.html")


@pytest.fixture
def sports(tmp_path):
    """The folder of an app of the site, with overrides and other files."""
    folder = tmp_path / "sports"
    for name in (TEMPLATE, STYLES, *OTHERS):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ours")
    return folder


def check(sports, apps, **more):
    """Return what ``manage.py check`` prints in a site with these apps."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": os.pathsep.join([str(sports.parent), str(ROOT)]),
        "TEST_SETTINGS": json.dumps({"INSTALLED_APPS": apps, **more}),
    }
    result = subprocess.run(
        [sys.executable, "-m", "django", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout + result.stderr


def test_overrides_in_a_later_app_are_a_warning_with_their_paths(sports):
    printed = check(sports, [*settings.INSTALLED_APPS, "sports"])
    assert printed.count("wagtail_live.W009") == 2
    assert f"{sports / TEMPLATE} has no effect" in printed
    assert f"{sports / STYLES} has no effect" in printed
    assert 'Put "wagtail_live" after' in printed


def test_overrides_in_an_earlier_app_have_an_effect(sports):
    assert "wagtail_live." not in check(sports, ["sports", *settings.INSTALLED_APPS])


def test_the_place_among_other_apps_does_not_matter(sports):
    ours = [app for app in settings.INSTALLED_APPS if app.startswith("wagtail_live")]
    others = [app for app in settings.INSTALLED_APPS if app not in ours]
    assert "wagtail_live." not in check(sports, ["sports", *others, *ours])


def test_an_override_in_a_folder_of_the_site_wins_over_every_app(sports):
    [engine] = settings.TEMPLATES
    printed = check(
        sports,
        [*settings.INSTALLED_APPS, "sports"],
        TEMPLATES=[{**engine, "DIRS": [str(sports / "templates")]}],
        STATICFILES_DIRS=[str(sports / "static")],
    )
    assert "wagtail_live." not in printed
