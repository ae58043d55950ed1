"""The examples of docs/api.md, run against a real server."""

import json
import re
import shutil
import subprocess

import pytest

from tests.api.test_content import make_image
from tests.servers import Gunicorn, MissingProgram, Uvicorn
from tests.servers.site import ROOT
from tests.testapp.models import ScorePage
from wagtail_live.api.models import ApiToken
from wagtail_live.api.openapi import build
from wagtail_live.api.urls import resources

DOCUMENTATION = (ROOT / "docs/api.md").read_text()
EXAMPLES = re.findall(r"```sh\n(.*?)```", DOCUMENTATION, re.DOTALL)
OBJECTS = re.findall(r"```json\n(\{\n.*?)```", DOCUMENTATION, re.DOTALL)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("server_class", [Uvicorn, Gunicorn])
def test_the_examples_work(server_class, start_server, home_page, tmp_path):
    if not shutil.which("curl"):
        raise MissingProgram("curl is not installed")
    server = start_server(server_class)
    page = home_page.add_child(instance=ScorePage(title="Match", slug="match"))
    page.update_stage(home=2, away=1)
    token, secret = ApiToken.objects.issue([page.live_channel], name="Script")
    api = f"{server.url}/wagtail_live/api/v1/channels/{page.channel_id}/"
    script = re.sub(r"(?m)^API=.*$", f"API={api}", "\n".join(EXAMPLES))
    script = re.sub(r"(?m)^TOKEN=.*$", f"TOKEN={secret}", script)
    assert len(EXAMPLES) == 10
    (tmp_path / "goal.jpg").write_bytes(make_image())
    result = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr + server.last_lines()
    post, goal = page.live_posts
    assert (goal.title, goal.text) == ("Goal! 2:1", "Müller!")
    assert [block.block_type for block in post.content] == ["image", "text"]
    channel = page.live_channel
    assert channel.state == "paused"
    assert "half time" in channel.summary
    assert channel.tombstones.count() == 1
    token.refresh_from_db()
    assert token.last_used_at


def test_the_responses_have_the_documented_fields():
    post, problem, webhook = map(json.loads, OBJECTS)
    schemas = build("", resources)["components"]["schemas"]
    assert post.keys() == schemas["Post"]["properties"].keys()
    assert problem.keys() == schemas["Problem"]["properties"].keys()
    assert webhook["data"]["channel"].keys() <= schemas["Channel"]["properties"].keys()
