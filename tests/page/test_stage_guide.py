"""The guide to the stage: its form, its template and its calls work as printed."""

import json
import re
import shlex

import pytest
from django.template import Context, Template

from tests.servers.site import ROOT
from tests.testapp.models import ScorePage
from wagtail_live.api.models import ApiToken

pytestmark = pytest.mark.django_db

GUIDE = (ROOT / "docs" / "stage.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def find(language, part):
    [block] = [code for lang, code in BLOCKS if lang == language and part in code]
    return block


def test_the_score_of_the_guide(home_page, client, monkeypatch):
    names = {}
    exec(find("python", "class ScoreForm"), names)
    monkeypatch.setattr(ScorePage, "stage_form_class", names["ScoreForm"])
    page = home_page.add_child(instance=ScorePage(title="Final", slug="final"))
    exec(find("python", "page.update_stage"), {"page": page})
    exec(find("python", "page.touch_stage"), {"page": page})
    channel = page.live_channel
    _, secret = ApiToken.objects.issue([channel], name="Scoreboard")
    for part in ("-X POST", "-X PATCH"):
        command = shlex.split(find("sh", part).replace("\\\n", " "))
        path = command[-1].partition("example.com")[2]
        response = getattr(client, command[2].lower())(
            path.replace("$CHANNEL", channel.channel_id),
            command[command.index("-d") + 1] if "-d" in command else None,
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert response.status_code == 200
    values = json.loads(response.content)["values"]
    assert (values["home"], values["away"], values["period"]) == (2, 1, "second")
    fields = page.get_stage_fields(page.live_channel)
    stage = {field.name: field.value for field in fields}
    html = Template(find("html", "live_clock")).render(Context({"stage": stage}))
    assert "2 : 1" in html
    assert "46′" in html
