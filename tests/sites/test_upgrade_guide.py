"""The guide to the upgrade, followed literally in a site with the database of 1.0."""

import json
import re

import pytest

from tests.servers.site import ROOT
from tests.sites import tutorial
from tests.upgrade.conftest import SAMPLE

pytestmark = pytest.mark.slow

GUIDE = ROOT / "docs" / "upgrade.md"
OLD_MIGRATION = (
    ROOT / "tests" / "upgrade" / "oldblog" / "migrations" / "0001_initial.py"
)
ADD_PAGE = """
import json
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from wagtail.models import Page

sample = json.loads(open("sample.json").read())
content_type, _ = ContentType.objects.get_or_create(app_label="home", model="livepage")
page = Page(title="Final", slug="final", content_type=content_type)
Page.objects.get(depth=2).add_child(instance=page)
connection.cursor().execute(
    "INSERT INTO home_livepage VALUES (%s, %s, %s, %s)",
    [page.pk, "C024BE91L", "2021-09-01 18:05:31", json.dumps(sample["live_posts"])],
)
"""
SHOW = """
from wagtail_live.models import Channel

page = Channel.objects.get_page("C024BE91L")
print(type(page).__name__, [post.message_id for post in page.live_posts])
"""
SHOW_OLD = """
from django.db import connection

cursor = connection.cursor()
cursor.execute("SELECT live_posts FROM home_livepage")
print(cursor.fetchone()[0])
"""


@pytest.fixture
def old_site(started_site):
    """A site whose latest migration is that of a live page of 1.0."""
    migration = OLD_MIGRATION.read_text().replace("BlogPage", "LivePage")
    path = started_site.folder / "home" / "migrations" / "0007_your_latest.py"
    path.write_text(
        migration.replace("initial = True", "").replace(
            "dependencies = [", 'dependencies = [("home", "0002_create_homepage"),'
        )
    )
    sample = json.loads(SAMPLE.read_text())
    for block in sample["live_posts"]:
        content = block["value"]["content"]
        block["value"]["content"] = [part for part in content if part["type"] == "text"]
    (started_site.folder / "sample.json").write_text(json.dumps(sample))
    started_site.manage("migrate", "--verbosity=0")
    started_site.manage("shell", "-c", ADD_PAGE)
    settings = started_site.folder / "mysite" / "settings" / "base.py"
    settings.write_text(
        settings.read_text().replace('"search",', '"search",\n    "wagtail_live",')
    )
    return started_site


def test_the_guide(old_site):
    ran = []
    for step in tutorial.read_steps(GUIDE.read_text()):
        if step.language == "sh":
            ran += [
                line for line in step.code.splitlines() if tutorial.run(old_site, line)
            ]
        else:
            tutorial.change(old_site.folder / step.file, step)
    assert "python manage.py migrate" in ran
    written = next((old_site.folder / "home" / "migrations").glob("0009*")).read_text()
    removed = re.findall(r"\bname='(\w+)'", written)
    assert removed == ["channel_id", "last_updated_at", "live_posts"]
    assert "AddField" not in written
    shown = old_site.manage("shell", "-c", SHOW)
    assert "LivePage ['1630519320.000300', '1630519260.000200'" in shown
    back = re.search(r"`python manage.py (migrate home \w+)`", GUIDE.read_text())[1]
    old_site.manage(*back.split())
    stored = json.loads(old_site.manage("shell", "-c", SHOW_OLD).splitlines()[-1])
    assert len(stored) == 4
    old_site.manage("migrate")
    assert old_site.manage("shell", "-c", SHOW) == shown
