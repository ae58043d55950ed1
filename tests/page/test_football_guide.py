"""The guide to a football page: its page type and its calls work as printed."""

import re
import shlex

import pytest
from django.template import Context, Template

from tests.admin.desk.requests import url
from tests.servers.site import ROOT
from tests.testapp.models import ScorePage
from wagtail_live.api.models import ApiToken
from wagtail_live.models import get_post_block

pytestmark = pytest.mark.django_db

GUIDE = (ROOT / "docs" / "football.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
PARTS = ("stage_form_class", "live_post_block", "live_presets")


def find(language, part):
    [block] = [code for lang, code in BLOCKS if lang == language and part in code]
    return block


def test_the_football_page_of_the_guide(home_page, client, admin_client, monkeypatch):
    code = find("python", "class FootballPage")
    assert len([line for line in code.splitlines() if line]) <= 30
    names = {"__name__": __name__}
    # A new model would need a table: the page type of the tests' site takes its parts.
    exec(code.replace("FootballPage(LivePage)", "FootballPage"), names)
    for name in PARTS:
        monkeypatch.setattr(ScorePage, name, getattr(names["FootballPage"], name))
    page = home_page.add_child(instance=ScorePage(title="Final", slug="final"))
    channel = page.live_channel
    assert "lineup" in get_post_block(channel).child_blocks
    exec(find("python", "update_stage"), {"page": page})
    _, secret = ApiToken.objects.issue([channel], name="Data feed")
    command = shlex.split(find("sh", "curl").replace("\\\n", " "))
    response = client.post(
        command[-1].partition("example.com")[2].replace("$CHANNEL", channel.channel_id),
        command[command.index("-d") + 1],
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert response.status_code == 201
    assert response.json()["title"] == "Goal! 1:0"
    desk = admin_client.get(url("index", page)).content.decode()
    for name in ("goal", "red-card", "lineup", "result"):
        assert f'data-preset="{name}"' in desk
    assert '<kbd aria-hidden="true">1</kbd>' in desk
    stage = {
        field.name: field.value for field in page.get_stage_fields(page.live_channel)
    }
    html = Template(find("html", "score")).render(Context({"stage": stage}))
    assert "1 : 0" in html
