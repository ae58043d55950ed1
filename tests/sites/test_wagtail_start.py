"""The five lines of the README, in a site that ``wagtail start`` creates."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.servers.process import Server
from tests.servers.site import ROOT

pytestmark = pytest.mark.slow

MODEL = """

from wagtail_live.models import LivePage

class MatchPage(LivePage):
    pass
"""
TEMPLATE = "{% load wagtail_live_tags %}{% live_posts page %}\n"
INCLUDE = '    path("wagtail_live/", include("wagtail_live.urls")),\n'
PUBLISH_PAGE = """
from home.models import MatchPage
from wagtail.models import Site
home = Site.objects.get().root_page
page = home.add_child(instance=MatchPage(title="Final", slug="final"))
page.save_revision().publish()
print("channel", page.channel_id)
"""
PUBLISH_POST = """
from home.models import MatchPage
post = MatchPage.objects.get().add_live_post("<p>Goal!</p>")
print("post", post.pk)
"""


class NewSite:
    def __init__(self, folder: Path, **settings):
        self.folder = folder
        command = ("-m", "django", "startproject", "--template", template())
        subprocess.run(
            [sys.executable, *command, "mysite", str(folder)],
            check=True,
            capture_output=True,
        )
        self.add_wagtail_live(settings)
        self.manage("makemigrations", "home")
        self.manage("migrate", "--verbosity=0")

    def add_wagtail_live(self, settings):
        base = self.folder / "mysite" / "settings" / "base.py"
        text = base.read_text()
        text = text.replace(
            "INSTALLED_APPS = [", 'INSTALLED_APPS = [\n    "wagtail_live",', 1
        )
        text += "".join(f"\n{name} = {value!r}\n" for name, value in settings.items())
        base.write_text(text)
        urls = self.folder / "mysite" / "urls.py"
        urls.write_text(
            urls.read_text().replace("urlpatterns = [\n", f"urlpatterns = [\n{INCLUDE}")
        )
        models = self.folder / "home" / "models.py"
        models.write_text(models.read_text() + MODEL)
        templates = self.folder / "home" / "templates" / "home"
        (templates / "match_page.html").write_text(TEMPLATE)

    def manage(self, *arguments):
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def shell(self, code):
        """Return the lines that the code prints, by their first word."""
        printed = self.manage("shell", "-c", code)
        return dict(re.findall(r"^(\w+) (\S+)$", printed, re.MULTILINE))


def template():
    import wagtail

    return str(Path(wagtail.__file__).parent / "project_template")


def environment():
    variables = dict(os.environ)
    for name in ("DJANGO_SETTINGS_MODULE", "TEST_DATABASE_URL", "TEST_SETTINGS"):
        variables.pop(name, None)
    return {**variables, "PYTHONPATH": str(ROOT)}


class RunServer(Server):
    def __init__(self, folder):
        super().__init__()
        self.working_directory = folder

    def command(self):
        arguments = ("runserver", "--noreload", f"127.0.0.1:{self.port}")
        return [sys.executable, "manage.py", *arguments]

    def environment(self):
        return environment()

    def is_ready(self):
        try:
            urllib.request.urlopen(self.address("/"), timeout=10).close()
        except OSError:
            return False
        return True

    def address(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path, method="GET"):
        request = urllib.request.Request(self.address(path), method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read().decode()


def test_five_lines_make_a_live_blog(tmp_path):
    site = NewSite(tmp_path)
    assert "no issues" in site.manage("check")
    assert "No changes" in site.manage("makemigrations", "--check", "--dry-run")
    channel_id = site.shell(PUBLISH_PAGE)["channel"]
    path = f"/wagtail_live/get-updates/{channel_id}/"
    with RunServer(tmp_path) as server:
        shaken = json.loads(server.ask(path, "POST"))
        assert shaken["livePosts"] == []
        post_id = site.shell(PUBLISH_POST)["post"]
        answer = json.loads(
            server.ask(f"{path}?last_update_ts={shaken['lastUpdateTimestamp']!r}")
        )
        assert answer["currentPosts"] == [post_id]
        assert "<p>Goal!</p>" in answer["updates"][post_id]["content"]
        assert "<p>Goal!</p>" in server.ask("/final/")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Amsterdam"])
def test_a_site_without_time_zones(tmp_path, zone):
    site = NewSite(tmp_path, USE_TZ=False, TIME_ZONE=zone)
    site.shell(PUBLISH_PAGE)
    printed = site.shell(
        """
import time
from home.models import MatchPage
from wagtail_live import cursors
page = MatchPage.objects.get()
since = page.last_updated_at
post = page.add_live_post("Goal")
assert since.tzinfo is None and page.last_updated_at > since
assert abs(page.last_update_timestamp - time.time()) < 60
assert cursors.from_timestamp(page.last_update_timestamp) == page.last_updated_at
updated, current = page.get_updates_since(since)
assert list(updated) == current == [str(post.pk)]
print("fine yes")
"""
    )
    assert printed == {"fine": "yes"}
