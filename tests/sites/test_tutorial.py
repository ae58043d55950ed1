"""The tutorial, followed literally in a site that ``wagtail start`` creates."""

import pytest

from tests.receivers.fake_slack import FakeSlack
from tests.servers import wait_until
from tests.sites import tutorial

pytestmark = pytest.mark.slow

POST_TO_HOME_PAGE = """
from home.models import HomePage
HomePage.objects.get().add_live_post("<p>At home!</p>")
"""


def test_the_tutorial(started_site):
    site = started_site
    ran = tutorial.follow(site)
    assert "python manage.py migrate" in ran
    assert "no issues" in site.manage("check")
    site.run("-c", "import mysite.asgi")
    with (
        site.serve() as server,
        FakeSlack(
            server.address("/wagtail_live/hooks/newsroom/"), "signing secret"
        ) as slack,
    ):
        assert "<b>off</b>, at 12:03." in server.ask("/final/")
        site.manage("shell", "-c", POST_TO_HOME_PAGE)
        assert "At home!" in server.ask("/")
        slack.send(slack.message("C0123456789", "A goal, from Slack"))
        assert wait_until(lambda: "A goal, from Slack" in server.ask("/final/"))
