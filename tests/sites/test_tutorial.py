"""The tutorial, followed literally in a site that ``wagtail start`` creates."""

import subprocess
import sys

import pytest

from tests.receivers.fake_slack import FakeSlack
from tests.servers import wait_until
from tests.sites import tutorial
from tests.sites.test_wagtail_start import RunServer, environment

pytestmark = pytest.mark.slow

WAGTAIL = "from wagtail.bin.wagtail import main; main()"


class FreshSite:
    """The files that ``wagtail start mysite`` creates in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.run("-c", WAGTAIL, "start", "mysite", ".")

    def run(self, *arguments):
        result = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def manage(self, *arguments):
        return self.run("manage.py", *arguments)


def test_the_tutorial(tmp_path):
    site = FreshSite(tmp_path)
    ran = tutorial.follow(site)
    assert "python manage.py migrate" in ran
    assert "no issues" in site.manage("check")
    site.run("-c", "import mysite.asgi")
    with (
        RunServer(tmp_path) as server,
        FakeSlack(
            server.address("/wagtail_live/hooks/newsroom/"), "signing secret"
        ) as slack,
    ):
        assert "<b>off</b>, at 12:03." in server.ask("/final/")
        slack.send(slack.message("C0123456789", "A goal, from Slack"))
        assert wait_until(lambda: "A goal, from Slack" in server.ask("/final/"))
