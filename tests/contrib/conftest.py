"""Live pages, and people who may write on one of them or on both."""

import pytest

from tests.admin.desk.requests import user_who_may
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM


@pytest.fixture
def north(home_page):
    page = MatchPage(title="Storm in the north", slug="north")
    return home_page.add_child(instance=page)


@pytest.fixture
def country(home_page):
    page = MatchPage(title="The country today", slug="country")
    return home_page.add_child(instance=page)


@pytest.fixture
def third(home_page):
    return home_page.add_child(instance=MatchPage(title="Third", slug="third"))


@pytest.fixture
def post(north, reporter):
    return posts.publish(
        north.live_channel,
        "<p>A tree fell</p>",
        title="Tree",
        author=reporter,
        author_name="Rosa",
        actor=SYSTEM,
    )


@pytest.fixture
def writer_of_both(north, country):
    """A user who may publish on one page, and only write on the other."""
    user = user_who_may(north, "change_page", "publish_page", name="both")
    more = user_who_may(country, "change_page", name="drafter of the country")
    user.groups.add(*more.groups.all())
    return user
