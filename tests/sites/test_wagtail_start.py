"""The lines of the README, in a site that ``wagtail start`` creates."""

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
POST_TO_HOME_PAGE = """
from home.models import HomePage
HomePage.objects.get().add_live_post("<p>Goal!</p>")
"""
PUBLISH_POST = """
from home.models import MatchPage
post = MatchPage.objects.get().add_live_post("<p>Goal!</p>")
print("post", post.pk)
"""


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def install_app(site, **settings):
    """Add the app, its URLs and these settings."""
    project = site.folder / "mysite"
    base = project / "settings" / "base.py"
    replace(base, '    "search",\n', '    "search",\n    "wagtail_live",\n')
    with base.open("a") as file:
        file.writelines(f"\n{name} = {value!r}\n" for name, value in settings.items())
    replace(project / "urls.py", "urlpatterns = [\n", f"urlpatterns = [\n{INCLUDE}")


def install(site, **settings):
    """Add the app, and a page type with its template."""
    install_app(site, **settings)
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


def test_a_page_type_of_its_own(started_site):
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
        assert '<p dir="auto">Goal!</p>' in answer["updates"][post_id]["content"]
        assert '<p dir="auto">Goal!</p>' in server.ask("/final/")


def test_a_page_type_that_the_site_has_needs_no_migration(started_site):
    """And the site's templates override those of the package."""
    site = started_site
    home = site.folder / "home"
    install_app(site)
    mixin = "from wagtail_live.models import LivePageMixin\n\nclass HomePage(LivePageMixin, "
    replace(home / "models.py", "class HomePage(", mixin)
    (home / "templates" / "home" / "home_page.html").write_text(TEMPLATE)
    footer = home / "templates" / "wagtail_live" / "live_post_footer.html"
    footer.parent.mkdir()
    footer.write_text("Pass it on")
    assert "No changes" in site.manage("makemigrations", "--check", "--dry-run")
    site.manage("migrate", "--verbosity=0")
    assert "no issues" in site.manage("check")
    site.manage("shell", "-c", POST_TO_HOME_PAGE)
    with site.serve() as server:
        page = server.ask("/")
    assert '<p dir="auto">Goal!</p>' in page
    assert "Pass it on" in page
    assert "Share" not in page


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
