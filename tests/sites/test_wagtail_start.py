"""The five lines of the README, in a site that ``wagtail start`` creates."""

import json
import re

import pytest

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


def install(site, **settings):
    """Add the five lines, a page type with its template, and these settings."""
    base = site.folder / "mysite" / "settings" / "base.py"
    text = base.read_text()
    text = text.replace(
        "INSTALLED_APPS = [", 'INSTALLED_APPS = [\n    "wagtail_live",', 1
    )
    text += "".join(f"\n{name} = {value!r}\n" for name, value in settings.items())
    base.write_text(text)
    urls = site.folder / "mysite" / "urls.py"
    urls.write_text(
        urls.read_text().replace("urlpatterns = [\n", f"urlpatterns = [\n{INCLUDE}")
    )
    models = site.folder / "home" / "models.py"
    models.write_text(models.read_text() + MODEL)
    templates = site.folder / "home" / "templates" / "home"
    (templates / "match_page.html").write_text(TEMPLATE)
    site.manage("makemigrations", "home")
    site.manage("migrate", "--verbosity=0")


def run_in_shell(site, code):
    """Return the lines that the code prints, by their first word."""
    printed = site.manage("shell", "-c", code)
    return dict(re.findall(r"^(\w+) (\S+)$", printed, re.MULTILINE))


def test_five_lines_make_a_live_blog(started_site):
    site = started_site
    install(site)
    assert "no issues" in site.manage("check")
    assert "No changes" in site.manage("makemigrations", "--check", "--dry-run")
    channel_id = run_in_shell(site, PUBLISH_PAGE)["channel"]
    path = f"/wagtail_live/get-updates/{channel_id}/"
    with site.serve() as server:
        shaken = json.loads(server.ask(path, "POST"))
        assert shaken["livePosts"] == []
        post_id = run_in_shell(site, PUBLISH_POST)["post"]
        answer = json.loads(
            server.ask(f"{path}?last_update_ts={shaken['lastUpdateTimestamp']!r}")
        )
        assert answer["currentPosts"] == [post_id]
        assert "<p>Goal!</p>" in answer["updates"][post_id]["content"]
        assert "<p>Goal!</p>" in server.ask("/final/")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Amsterdam"])
def test_a_site_without_time_zones(started_site, zone):
    install(started_site, USE_TZ=False, TIME_ZONE=zone)
    run_in_shell(started_site, PUBLISH_PAGE)
    printed = run_in_shell(
        started_site,
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
""",
    )
    assert printed == {"fine": "yes"}
