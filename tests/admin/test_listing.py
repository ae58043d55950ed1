"""The menu *Live* and its list of pages."""

import pytest
from django.urls import reverse

from tests.admin.desk.requests import url, user_who_may
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.models import ChannelState
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db
LIVE = "/admin/live/"


def add_match(parent, title, state=None, waiting=0):
    page = parent.add_child(instance=MatchPage(title=title))
    for number in range(waiting):
        submit(page, f"<p>{number}</p>")
    if state:
        posts.set_state(page.live_channel, state, actor=SYSTEM)
    return page


def submit(page, text="<p>Goal?</p>"):
    options = {"show": False, "submitted": True, "actor": SYSTEM}
    return posts.publish(page.live_channel, text, **options)


@pytest.fixture
def matches(home_page):
    return [
        add_match(home_page, "Semi-final: Reds – Greens", ChannelState.LIVE),
        add_match(home_page, "Final: Reds – Blues", ChannelState.PAUSED, waiting=2),
        add_match(home_page, "Third place", ChannelState.ENDED),
        add_match(home_page, "Opening ceremony"),
    ]


def list_titles(client, query="", path=LIVE):
    response = client.get(f"{path}{query}")
    assert response.status_code == 200
    return [page.title.split(":")[0] for page in response.context["object_list"]]


def test_pages_that_are_live_come_first(admin_client, matches):
    expected = ["Semi-final", "Final", "Opening ceremony", "Third place"]
    assert list_titles(admin_client) == expected
    posts.set_state(matches[2].live_channel, ChannelState.LIVE, actor=SYSTEM)
    assert list_titles(admin_client)[:2] == ["Third place", "Semi-final"]


def test_posts_that_wait_for_an_editor_are_counted(admin_client, matches):
    listing = admin_client.get(LIVE).content.decode()
    path = f'href="{url("index", matches[1])}?status=submitted"'
    assert path in listing
    row = listing[listing.index(path) :]
    assert row[: row.index("</a>")].split()[-1] == "2"
    assert f"{url('index', matches[0])}?status=submitted" not in listing


def test_pages_are_filtered_and_searched(admin_client, matches):
    for query, expected in {
        "?state=paused": ["Final"],
        "?state=live&state=ended": ["Semi-final", "Third place"],
        "?state=not_started": ["Opening ceremony"],
        "?waiting=yes": ["Final"],
        "?q=reds+fin": ["Semi-final", "Final"],
        "?q=reds&state=paused": ["Final"],
        "?q=rugby": [],
    }.items():
        assert list_titles(admin_client, query) == expected, query
        # Wagtail's script asks for the results alone.
        assert list_titles(admin_client, query, f"{LIVE}results/") == expected, query


def test_the_menu_counts_the_posts_that_the_user_may_review(client, home_page, matches):
    home = reverse("wagtailadmin_home")

    def shows(label):
        return f'"{label}"' in client.get(home).content.decode()

    add_match(home_page, "Rugby", waiting=3)
    client.force_login(user_who_may(matches[1], "change_page", name="writer"))
    assert shows("Live")
    client.force_login(user_who_may(matches[1], "publish_page", name="editor"))
    assert shows("Live (2)")
    client.force_login(user_who_may(home_page, "publish_page", name="chief"))
    assert shows("Live (5)")
